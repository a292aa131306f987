using Helix.Alerts;
using Helix.Core.Alerts;
using Helix.Core.Configuration;
using Helix.Core.History;
using Helix.Tests.Cli.Fakes;
using Helix.Tests.Fakes;

namespace Helix.Tests.Alerts;

/// <summary>What the next command says of alerts.</summary>
public sealed class BannerTests : IDisposable
{
    private readonly TemporaryHome _temporary = new();
    private readonly List<string> _desktop = [];
    private AlertsConfig _config = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task A_person_at_a_terminal_sees_it_and_no_program_does()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        var files = new BannerFiles(line.Temporary.Home);
        files.Show("helix: CRITICAL since today: it is down; see: helix alerts list");
        files.AddNews("k-1", "helix: resolved: it was down");

        await line.RunAsync("status");
        Assert.DoesNotContain("CRITICAL", line.Error, StringComparison.Ordinal);
        line.IsTerminal = true;
        await line.RunAsync("status", "--format", "json");
        Assert.DoesNotContain("CRITICAL", line.Error, StringComparison.Ordinal);

        await line.RunAsync("status");
        Assert.EndsWith("helix: CRITICAL since today: it is down; see: helix alerts list\nhelix: resolved: it was down\n", line.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("CRITICAL", line.Out, StringComparison.Ordinal);
        await line.RunAsync("status");
        Assert.EndsWith("see: helix alerts list\n", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_looks_at_alerts_is_not_told_of_them_besides()
    {
        using var line = new CommandLine { IsTerminal = true };
        new BannerFiles(line.Temporary.Home).Show("helix: CRITICAL");

        await line.RunAsync("alerts", "list");

        Assert.DoesNotContain("CRITICAL", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_over_is_one_line_once_and_what_goes_on_is_the_banner_s()
    {
        var channel = Channel();

        Assert.IsType<Delivery.Sent>(await channel.SendAsync(Message("h-1", NoteKind.Fired), Token));
        Assert.Empty(Files.Take());
        await channel.SendAsync(Message("h-2", NoteKind.Resolved), Token);
        // after a crash the same may come again
        await channel.SendAsync(Message("h-2", NoteKind.Resolved), Token);
        await channel.SendAsync(AlertMessage.Test("h-3", "command_line", Moment, ""), Token);

        Assert.Equal(["helix: resolved: it is down; see: helix alerts list --state all", "helix: a test message; alerts come this way"], Files.Take());
        Assert.Empty(Files.Take());
        Assert.Equal(["helix: critical", "helix: resolved", "helix: resolved", "helix: info"], _desktop);
    }

    [Fact]
    public async Task The_desktop_is_left_alone_where_that_is_set()
    {
        _config = new(Desktop: false);

        await Channel().SendAsync(Message("h-1", NoteKind.Fired), Token);

        Assert.Empty(_desktop);
    }

    [Fact]
    public async Task A_disk_that_cannot_be_written_is_tried_again()
    {
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(_temporary.Home.LocalLlm).FullName, "state"), "a file where the folder should be");

        Assert.IsType<Delivery.Later>(await Channel().SendAsync(Message("h-1", NoteKind.Resolved), Token));
        Assert.Empty(_desktop);
    }

    [Fact]
    public void However_much_happens_few_lines_are_shown_and_nobody_else_may_read_them()
    {
        for (var at = 0; at < 20; at++) Files.AddNews($"k-{at}", $"line {at}");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_temporary.Home.AlertNews));
        Assert.Equal(["line 15", "line 16", "line 17", "line 18", "line 19"], Files.Take());
    }

    [Fact]
    public void Words_on_a_desktop_are_words_and_no_links() => Assert.Equal("a &lt;a href=\"x\"&gt; &amp;amp;", DesktopNotice.Escaped("a <a href=\"x\"> &amp;"));

    private static DateTimeOffset Moment { get; } = new(2026, 11, 29, 10, 0, 0, TimeSpan.Zero);

    private BannerFiles Files => new(_temporary.Home);

    private CommandLineChannel Channel() => new(
        Files,
        (title, _, _, _) =>
        {
            _desktop.Add(title);
            return Task.CompletedTask;
        },
        () => HelixConfig.Default with { Alerts = _config });

    private static AlertMessage Message(string key, NoteKind kind)
    {
        var alert = new Alert(1, "f", "r", "engine_down", AlertType.Health, Severity.Critical, kind == NoteKind.Resolved ? AlertState.Resolved : AlertState.Firing, null, "vllm-m", "it is down", Moment, Moment, 1)
        {
            ResolvedAt = kind == NoteKind.Resolved ? Moment : null,
        };
        return AlertMessage.Of(key, "command_line", Moment, [(kind, alert)], "http://h/#alerts/");
    }
}
