using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Gateway;

/// <summary>Short requests that take unusually long, at engines whose speed is known.</summary>
public sealed class HedgeTests : IAsyncLifetime
{
    private const string Ask = """{"model":"m"}""";
    private const string AskStream = """{"model":"m","stream":true}""";
    private const string Text = """{"choices":[{"index":0,"delta":{"content":"fine"},"finish_reason":null}]}""";

    private readonly FakeTimeProvider _time = new();
    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await GatewayHost.StartAsync(_time);
        Hedge(true);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_second_answers_and_the_first_is_hung_up_on(bool stream)
    {
        var (hangs, left) = (false, new TaskCompletionSource());
        await using var slow = _host.Engine("a", async talk =>
        {
            if (hangs)
            {
                await talk.LeftAsync();
                left.SetResult();
            }
            else await AnswerAsync(talk, stream, "a");
        });
        await using var quick = _host.Engine("b", talk => AnswerAsync(talk, stream, "b"));
        await LearnAsync(stream);
        hangs = true;
        _host.Fleet.Set(_host.Model("m", "a", "b"));
        Balance(false);

        var asked = _host.PostAsync(stream ? AskStream : Ask);
        await Eventually.TrueAsync(() => asked.IsCompleted, () => _time.Advance(TimeSpan.FromMilliseconds(20)));
        using var response = await asked;

        Assert.Contains("b", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("2", response.Header("x-helix-tries"));
        await left.Task.WaitAsync(Eventually.Limit);
        await Eventually.TrueAsync(() => _host.Counters.Of("a").InFlight == 0, "it is over");
        Assert.Equal(0, _host.Counters.Of("a").Faults);
        Assert.False(_host.Counters.Of("a").Breaker.IsOpen(_host.Counters.Now));
    }

    [Fact]
    public async Task The_first_may_still_win()
    {
        var (hangs, goesOn) = (false, new TaskCompletionSource());
        await using var slow = _host.Engine("a", async talk =>
        {
            if (hangs) await goesOn.Task;
            await AnswerAsync(talk, false, "a");
        });
        await using var slower = _host.Engine("b", talk => talk.LeftAsync());
        await LearnAsync(false);
        hangs = true;
        _host.Fleet.Set(_host.Model("m", "a", "b"));
        Balance(false);

        var asked = _host.PostAsync(Ask);
        await Eventually.TrueAsync(() => !slower.Requests.IsEmpty, () => _time.Advance(TimeSpan.FromMilliseconds(20)));
        goesOn.SetResult();
        using var response = await asked;

        Assert.Equal("""{"from":"a"}""", await response.Content.ReadAsStringAsync());
        Assert.Equal(0, _host.Counters.Of("b").Faults);
    }

    [Fact]
    public async Task Where_the_second_refuses_the_first_is_waited_for()
    {
        var (hangs, goesOn) = (false, new TaskCompletionSource());
        await using var slow = _host.Engine("a", async talk =>
        {
            if (hangs) await goesOn.Task;
            await AnswerAsync(talk, false, "a");
        });
        await using var broken = _host.Engine("b", talk => talk.JsonAsync("""{"error":{"message":"no"}}""", 500));
        await LearnAsync(false);
        hangs = true;
        _host.Fleet.Set(_host.Model("m", "a", "b"));
        Balance(false);

        var asked = _host.PostAsync(Ask);
        await Eventually.TrueAsync(() => _host.Counters.Of("b").Faults == 1, () => _time.Advance(TimeSpan.FromMilliseconds(20)));
        goesOn.SetResult();
        using var response = await asked;

        Assert.Equal("""{"from":"a"}""", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Where_both_refuse_the_first_refusal_is_told()
    {
        var (hangs, goesOn) = (false, new TaskCompletionSource());
        await using var slow = _host.Engine("a", async talk =>
        {
            if (!hangs)
            {
                await AnswerAsync(talk, false, "a");
                return;
            }

            await goesOn.Task;
            await talk.JsonAsync("""{"error":{"message":"a"}}""", 500);
        });
        await using var broken = _host.Engine("b", talk => talk.JsonAsync("""{"error":{"message":"b"}}""", 429));
        await LearnAsync(false);
        hangs = true;
        _host.Fleet.Set(_host.Model("m", "a", "b"));
        Balance(false);

        var asked = _host.PostAsync(Ask);
        await Eventually.TrueAsync(() => !broken.Requests.IsEmpty, () => _time.Advance(TimeSpan.FromMilliseconds(20)));
        await Eventually.TrueAsync(() => _host.Counters.Of("b").InFlight == 0, "it has refused");
        goesOn.SetResult();
        using var response = await asked;

        Assert.Equal(429, (int)response.StatusCode);
        Assert.Single(broken.Requests);
    }

    [Theory]
    [InlineData(false, 1)] // off
    [InlineData(true, 5000)] // too long
    public async Task Nobody_else_is_asked_where_it_is_off_or_the_request_is_long(bool on, int words)
    {
        var (hangs, goesOn) = (false, new TaskCompletionSource());
        await using var slow = _host.Engine("a", async talk =>
        {
            if (hangs) await goesOn.Task;
            await AnswerAsync(talk, false, "a");
        });
        await using var idle = _host.Engine("b", talk => AnswerAsync(talk, false, "b"));
        await LearnAsync(false);
        hangs = true;
        Hedge(on);
        _host.Fleet.Set(_host.Model("m", "a", "b"));
        Balance(false);

        var asked = _host.PostAsync($$"""{"model":"m","messages":[{"role":"user","content":"{{string.Join(' ', Enumerable.Repeat("word", words))}}"}]}""");
        await Eventually.TrueAsync(() => slow.Requests.Count == Known + 1, "it is asked");
        var looks = 0;
        await Eventually.TrueAsync(() => ++looks > 20, () => _time.Advance(TimeSpan.FromMilliseconds(500)));
        goesOn.SetResult();
        using var response = await asked;

        Assert.Empty(idle.Requests);
    }

    private const int Known = 12;

    private static Task AnswerAsync(EngineTalk talk, bool stream, string name) =>
        stream ? talk.StreamAsync(Text.Replace("fine", name, StringComparison.Ordinal)) : talk.JsonAsync($$"""{"from":"{{name}}"}""");

    /// <summary>Until it is known how fast the first is.</summary>
    private async Task LearnAsync(bool stream)
    {
        _host.Fleet.Set(_host.Model("m", "a"));
        for (var at = 0; at < Known; at++)
        {
            using var response = await _host.PostAsync(stream ? AskStream : Ask);
            await response.Content.ReadAsStringAsync();
        }
    }

    private void Hedge(bool on) => _host.Config = _host.Config with { Performance = _host.Config.Performance with { Hedge = on } };

    /// <summary>Else anybody might be asked first.</summary>
    private void Balance(bool on) => _host.Config = _host.Config with { Performance = _host.Config.Performance with { LoadBalance = on } };
}
