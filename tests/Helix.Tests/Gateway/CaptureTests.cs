using System.Net.Http.Json;
using Helix.Contracts;
using Helix.Core.Configuration;
using Helix.Core.Gateway;
using Helix.Gateway;
using Helix.Tests.Fakes;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Gateway;

/// <summary>What was asked and answered is kept only where the user wants that, and without secrets.</summary>
public sealed class CaptureTests : IAsyncLifetime
{
    private const string Mail = "ann@mail.example";
    private const string Asked = $$"""{"model":"m","messages":[{"role":"user","content":"Write to {{Mail}}"}]}""";
    private const string Answered = """{"choices":[{"message":{"content":"Done."},"finish_reason":"stop"}]}""";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 10, 0, 0, TimeSpan.Zero));
    private readonly TemporaryHome _temporary = new();
    private GatewayHost _host = null!;
    private HttpClient _owner = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await GatewayHost.StartAsync(_time, services => services.AddSingleton(_temporary.Home));
        _host.Config = On();
        _owner = _host.Owner();
    }

    public async ValueTask DisposeAsync()
    {
        _owner.Dispose();
        await _host.DisposeAsync();
        _temporary.Dispose();
    }

    [Fact]
    public async Task Nothing_is_kept_unless_the_user_says_so()
    {
        _host.Config = HelixConfig.Default;
        await using var engine = _host.Engine("a", talk => talk.JsonAsync(Answered));
        _host.Fleet.Set(_host.Model("m", "a"));

        (await _host.PostAsync(Asked)).Dispose();
        // of two requests, the second alone is
        _host.Config = On();
        using (var response = await _host.PostAsync(Asked, more: request => request.Headers.Add("x-request-id", "second"))) await response.Content.ReadAsStringAsync();
        var list = await ListedAsync(1);

        Assert.Equal("second", (await OneAsync(list.Captures[0].Id)).Request);
        Assert.True(list.On);
    }

    [Fact]
    public async Task A_whole_answer_and_what_it_answers_are_kept_redacted_and_for_the_user_alone()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync(Answered));
        _host.Fleet.Set(_host.Model("m", "a"));

        string? node;
        using (var response = await _host.PostAsync(Asked))
        {
            await response.Content.ReadAsStringAsync();
            node = response.Header("x-helix-node");
        }

        var line = (await ListedAsync(1)).Captures[0];
        var capture = await OneAsync(line.Id);

        Assert.NotNull(node);
        Assert.Equal((node, node), (line.Node, capture.Node));
        Assert.Equal(("Done.", "stop", "answered", 200, 1, false), (capture.Answer, capture.Finish, capture.Outcome, capture.Status, capture.Hidden, capture.Cut));
        Assert.Equal(("m", "builtin", "/v1/chat/completions", "openai"), (capture.Model, capture.Provider, capture.Path, capture.Dialect));
        Assert.Equal(Asked.Replace(Mail, "[e-mail]", StringComparison.Ordinal), capture.Asked!.Value.GetRawText());
        var file = Assert.Single(Directory.EnumerateFiles(_temporary.Home.Captures));
        Assert.DoesNotContain(Mail, await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        if (OperatingSystem.IsWindows()) return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_temporary.Home.Captures));
    }

    /// <summary>In whatever dialect; an engine that failed before has left nothing in it.</summary>
    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"m","stream":true,"messages":[{"role":"user","content":"x"}]}""", "openai")]
    [InlineData("/v1/messages", """{"model":"m","stream":true,"max_tokens":9,"messages":[{"role":"user","content":"x"}]}""", "anthropic")]
    [InlineData("/api/chat", """{"model":"m","messages":[{"role":"user","content":"x"}]}""", "ollama")]
    public async Task A_stream_is_kept_put_together(string path, string ask, string dialect)
    {
        await using var dead = _host.Engine("a", talk =>
        {
            talk.Die();
            return Task.CompletedTask;
        });
        await using var engine = _host.Engine("b", talk => talk.StreamAsync(
            """{"choices":[{"index":0,"delta":{"content":"Write to ann@mail."}}]}""", """{"choices":[{"index":0,"delta":{"content":"example now"}}]}""", """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"""));
        _host.Fleet.Set(_host.Model("m", "a", "b"));

        using (var response = await _host.PostAsync(ask, path)) await response.Content.ReadAsStringAsync();
        var capture = await OneAsync((await ListedAsync(1)).Captures[0].Id);

        Assert.Equal(("Write to [e-mail] now", "stop", dialect, "answered"), (capture.Answer, capture.Finish, capture.Dialect, capture.Outcome));
    }

    [Fact]
    public async Task What_is_refused_is_kept_with_its_status()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"error":{"message":"no"}}""", 422));
        _host.Fleet.Set(_host.Model("m", "a"));

        (await _host.PostAsync(Asked)).Dispose();
        var capture = await OneAsync((await ListedAsync(1)).Captures[0].Id);

        Assert.Equal((null, null, "refused", 422), (capture.Answer, capture.Finish, capture.Outcome, capture.Status));
    }

    [Fact]
    public async Task Without_the_setting_all_is_thrown_away()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync(Answered));
        _host.Fleet.Set(_host.Model("m", "a"));
        using (var response = await _host.PostAsync(Asked)) await response.Content.ReadAsStringAsync();
        await ListedAsync(1);

        _host.Config = HelixConfig.Default;

        await Eventually.TrueAsync(() => !Directory.Exists(_temporary.Home.Captures), () => _time.Advance(TimeSpan.FromSeconds(10)));
        Assert.False((await ListedAsync(0)).On);
    }

    [Fact]
    public async Task All_is_thrown_away_when_the_user_says_so()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync(Answered));
        _host.Fleet.Set(_host.Model("m", "a"));
        using (var response = await _host.PostAsync(Asked)) await response.Content.ReadAsStringAsync();
        var id = (await ListedAsync(1)).Captures[0].Id;

        using (var cleared = await _owner.DeleteAsync(new Uri("/helix/v1/captures", UriKind.Relative))) Assert.Contains("1 request", await cleared.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        Assert.Empty((await ListedAsync(0)).Captures);
        using var gone = await _owner.GetAsync(new Uri($"/helix/v1/captures/{id}", UriKind.Relative));
        Assert.Equal(404, (int)gone.StatusCode);
    }

    [Theory]
    [InlineData("/helix/v1/captures/ABCDEF0123456789", 404)]
    [InlineData("/helix/v1/captures/0123", 404)]
    [InlineData("/helix/v1/captures?limit=0", 400)]
    [InlineData("/helix/v1/captures?limit=many", 400)]
    public async Task What_is_no_capture_is_told(string path, int status)
    {
        using var response = await _owner.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public void The_oldest_go_where_there_are_too_many_and_what_is_too_old_goes_anyway()
    {
        var config = On() with { Gateway = On().Gateway with { CaptureMegabytes = 1, CaptureDays = 2 } };
        var shelf = new CaptureShelf(Path.Combine(_temporary.Home.Root, "own"), () => config, _time);
        for (var number = 0; number < 8; number++)
        {
            shelf.Keep(Capture(shelf.NextId(), number, new string('x', 200_000)));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        // five of 200 kB are less than a MiB
        Assert.Equal([7, 6, 5, 4, 3], shelf.Newest(100).Select(capture => capture.Status));
        _time.Advance(TimeSpan.FromDays(2) - TimeSpan.FromSeconds(2));
        shelf.Sweep();
        Assert.Equal([7, 6], shelf.Newest(100).Select(capture => capture.Status));
        Assert.Equal(2, shelf.Clear());
        Assert.Empty(shelf.Newest(100));
    }

    private static HelixConfig On() => HelixConfig.Default with { Gateway = HelixConfig.Default.Gateway with { Capture = true } };

    private static CaptureReport Capture(string id, int status, string answer) =>
        new(id, DateTimeOffset.UnixEpoch, "r", "", "p", "m", InferenceRoute.Chat.Path, "openai", "answered", status, null, answer, null, [], "stop", 0, false);

    private async Task<CaptureList> ListedAsync(int count)
    {
        CaptureList? list = null;
        await Eventually.TrueAsync(async () => (list = await _owner.GetFromJsonAsync("/helix/v1/captures", CaptureJson.Default.CaptureList))!.Captures.Count == count);
        return list!;
    }

    private async Task<CaptureReport> OneAsync(string id) => (await _owner.GetFromJsonAsync($"/helix/v1/captures/{id}", CaptureJson.Default.CaptureReport))!;
}
