using System.Collections.Concurrent;
using System.Threading.Channels;
using Helix.Cli;
using Helix.Contracts;
using Helix.Core.Screen;
using Helix.Screen;
using Helix.Tests.Cli.Fakes;
using Microsoft.AspNetCore.Http;

namespace Helix.Tests.Screen;

/// <summary>The monitor between a daemon and a terminal that both do as a test says.</summary>
public sealed class MonitorLoopTests : IAsyncLifetime
{
    internal const string Snapshot = "id: 7-1\nevent: snapshot\ndata: {\"at\":\"2026-03-01T12:00:00+00:00\",\"state\":{"
        + "\"helix\":{\"self\":{\"version\":\"0.1.0\",\"address\":\"http://127.0.0.1:4359\",\"started\":\"2026-03-01T09:55:00+00:00\",\"notes\":[]}},"
        + "\"providers\":{\"builtin\":{\"name\":\"Built-in engine\",\"order\":0,\"state\":\"ready\",\"reason\":\"answers\",\"since\":\"2026-03-01T11:00:00+00:00\",\"pid\":4711,\"model\":\"ti\\u001b[31mny\",\"release\":\"v0.4.0\",\"actions\":[\"stop\",\"logs\"]}},"
        + "\"figures\":{\"builtin\":{\"memory_bytes\":639400000,\"in_flight\":1,\"requests\":12,\"tokens_per_second\":42.5}},"
        + "\"traffic\":{\"now\":{\"in_flight\":1,\"requests\":12,\"errors\":0,\"requests_per_second\":0.5,\"tokens_per_second\":42.5}},"
        + "\"alerts\":{},\"automations\":{\"health\":{\"order\":0,\"does\":\"looks after engines\",\"on\":true,\"result\":\"all is well\"}}}}\n\n";

    private const string Ends = "";
    private const string Live = "GET /helix/v1/live";

    private readonly FakeScreen _screen = new();
    private volatile Channel<string> _events = Channel.CreateUnbounded<string>(); // of the connection that came last
    private readonly ConcurrentQueue<string> _comers = new();
    private readonly CancellationTokenSource _over = new();
    private FakeDaemon _fake = null!;
    private DaemonClient _daemon = null!;
    private Task<int> _running = null!;

    public async ValueTask InitializeAsync()
    {
        _fake = await FakeDaemon.StartAsync();
        _fake.On(Live, async context =>
        {
            var events = _events = Channel.CreateUnbounded<string>();
            _comers.Enqueue(context.Request.Headers["Last-Event-ID"].ToString());
            context.Response.ContentType = "text/event-stream";
            await foreach (var text in events.Reader.ReadAllAsync(context.RequestAborted))
            {
                if (text == Ends) return;
                await context.Response.WriteAsync(text, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        });
        _daemon = new DaemonClient(() => _fake.Socket, TimeProvider.System);
        _running = new MonitorLoop(_daemon, _screen, colours: true, TimeProvider.System, new MonitorState()).RunAsync(_over.Token);
        await ComesAsync(1);
        Tell(Snapshot);
        await ShowsAsync("> builtin");
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // asked for
        }
        finally
        {
            _daemon.Dispose();
            await _fake.DisposeAsync();
        }
    }

    [Fact]
    public async Task It_shows_what_there_is_and_what_changes_and_goes_on_where_it_was()
    {
        Assert.Contains("ti [31mny", _screen.Text, StringComparison.Ordinal);
        Tell(Change(2, "critical"));
        await ShowsAsync("critical");

        Tell(Ends);
        await ShowsAsync("helix is not heard: the daemon went away; what is shown is of 12:00:02 UTC");
        Assert.Contains("critical", _screen.Text, StringComparison.Ordinal);
        await ComesAsync(2);
        Tell(Change(3, "recovering"));
        await ShowsAsync("recovering");
        Assert.DoesNotContain("not heard", _screen.Text, StringComparison.Ordinal);
        Assert.Equal(["", "7-2"], _comers.AsEnumerable());
    }

    [Fact]
    public async Task What_is_not_understood_is_asked_for_anew()
    {
        Tell("id: 7-2\nevent: change\ndata: {\n\n");
        await ComesAsync(2);

        Assert.Equal(["", ""], _comers.AsEnumerable());
        Tell(Snapshot);
        await Eventually.TrueAsync(() => !_screen.Text.Contains("not heard", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_provider_is_stopped_only_after_a_yes_and_what_came_of_it_is_said()
    {
        _fake.On("POST /helix/v1/providers/builtin/stop", new Done("builtin is stopped"), ApiJson.Default.Done);
        _screen.Type("x");
        await ShowsAsync("stop builtin? [y/N]");
        _screen.Type("n");
        await ShowsAsync("nothing was changed");
        Assert.DoesNotContain(_fake.Asked, asked => asked.What.StartsWith("POST", StringComparison.Ordinal));

        _screen.Type("xy");
        await ShowsAsync("builtin is stopped");

        _fake.Refuse("POST /helix/v1/providers/builtin/stop", 409, new("conflict", "it is \e[2J busy", "wait"));
        _screen.Type("xy");
        await ShowsAsync("it is  [2J busy; wait");
    }

    [Fact]
    public async Task A_log_is_read_and_cannot_steer_the_terminal()
    {
        _fake.On("GET /helix/v1/providers/builtin/logs", async context => await context.Response.WriteAsync("hello \e]0;title\a\nand \u009b31m more\n"));
        _screen.Type("l");

        await ShowsAsync("log of builtin");
        await ShowsAsync("hello  ]0;title");
        await ShowsAsync("and  31m more");
        _screen.Type("q");
        await ShowsAsync("> builtin");
    }

    [Fact]
    public async Task A_log_that_is_written_without_a_pause_keeps_nobody_from_reading_and_leaving()
    {
        var lines = string.Concat(Enumerable.Range(0, 500).Select(number => $"line {number}\n"));
        _fake.On("GET /helix/v1/providers/builtin/logs", async context =>
        {
            while (true) await context.Response.WriteAsync(lines, context.RequestAborted);
        });
        _screen.Type("l");
        await ShowsAsync("line ");
        _screen.Type("\u0003");

        Assert.Equal(ExitCodes.Interrupted, await _running.WaitAsync(Eventually.Limit));
    }

    [Fact]
    public async Task It_follows_the_size_of_the_terminal()
    {
        _screen.Resize(30, 8);
        await Eventually.TrueAsync(() => _screen.Text.Split('\n') is { Length: <= 8 } lines && lines.All(line => CellText.Width(line) <= 30) && lines.Any(line => line.StartsWith("> builtin", StringComparison.Ordinal)));

        _screen.Resize(160, 40);
        await ShowsAsync("RELEASE");
    }

    [Fact]
    public async Task It_is_paused_and_painted_anew()
    {
        _screen.Happens(ScreenHappening.StopAsked);
        await Eventually.TrueAsync(() => _screen.Suspended == 1 && _screen.Text.Contains("> builtin", StringComparison.Ordinal));

        _screen.Happens(ScreenHappening.Continued);
        await Eventually.TrueAsync(() => _screen.Entered == 2);
        _screen.Type("\u001a");
        await Eventually.TrueAsync(() => _screen.Suspended == 2 && _screen.Text.Contains("> builtin", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("q", ExitCodes.Ok)]
    [InlineData("\u0003", ExitCodes.Interrupted)]
    public async Task It_is_left(string typed, int code)
    {
        _screen.Type(typed);

        Assert.Equal(code, await _running.WaitAsync(Eventually.Limit));
    }

    [Fact]
    public async Task A_terminal_that_is_closed_ends_it()
    {
        _screen.Happens(ScreenHappening.Closed);

        Assert.Equal(ExitCodes.Ok, await _running.WaitAsync(Eventually.Limit));
    }

    private static string Change(int number, string state) =>
        $"id: 7-{number}\nevent: change\ndata: {{\"at\":\"2026-03-01T12:00:0{number}+00:00\",\"set\":{{\"providers\":{{\"builtin\":{{\"state\":\"{state}\",\"reason\":\"so it is\"}}}}}}}}\n\n";

    private Task ComesAsync(int number) => Eventually.TrueAsync(() => _comers.Count == number, $"connection {number}");

    private void Tell(string text) => Assert.True(_events.Writer.TryWrite(text));

    private Task ShowsAsync(string words) => Eventually.TrueAsync(() => _screen.Text.Contains(words, StringComparison.Ordinal), words);
}
