using System.Buffers;
using System.CommandLine;
using System.Text;
using System.Text.Json;
using Helix.Contracts;
using Helix.Core.Live;
using Helix.Core.Screen;
using Helix.Screen;

namespace Helix.Cli;

/// <summary>What the dashboard shows, in a terminal: live where somebody sits at one, else one frame.</summary>
internal static class MonitorVerb
{
    /// <summary>Where the frame goes to a file or a program.</summary>
    private const int PlainWidth = 120;

    /// <summary>A frame that is only written down has as many lines as it needs.</summary>
    private const int PlainHeight = 10_000;

    public static Command Create(CliWorld world)
    {
        var once = new Option<bool>("--once") { Description = "Write one frame as plain text, and end; so it is also where nobody sits at a terminal." };
        var sort = new Option<string>("--sort") { Description = "The order of the providers.", DefaultValueFactory = _ => "state" };
        sort.AcceptOnlyFromAmong([.. Enum.GetNames<MonitorSort>().Select(name => name.ToLowerInvariant())]);
        var filter = new Option<string?>("--filter") { Description = "Show only what holds these letters.", HelpName = "WORDS" };
        var verb = new Verb(
            "monitor", "Show live what runs, how well, and whether anything needs you; ? shows the keys.",
            "helix local-llm monitor", "helix local-llm monitor --sort tokens", "helix local-llm monitor --once", "helix local-llm monitor --format json") { once, sort, filter };
        FormatOption.Add(verb);
        verb.SetAction((parse, _) =>
        {
            var state = new MonitorState { Sort = Enum.Parse<MonitorSort>(parse.GetRequiredValue(sort), ignoreCase: true), Filter = parse.GetValue(filter) ?? "" };
            var terminal = world.Terminal;
            var isLive = terminal is { OutIsTerminal: true, InIsTerminal: true, CanMove: true } && !parse.GetValue(once) && !parse.IsJson();
            return isLive ? WatchAsync(state, world) : OnceAsync(parse.IsJson(), state, world);
        });
        return verb;
    }

    private static async Task<int> WatchAsync(MonitorState state, CliWorld world)
    {
        using var signals = world.Interrupts.Listen();
        using var daemon = world.Daemon();
        // who has not started it is told so, as by every other verb; from then on it may come and go
        var status = await daemon.GetAsync("/helix/v1/status", ApiJson.Default.StatusReport, world.Interrupts.Token);
        if (status is not Answer<StatusReport>.Is) return status.Fail(world.Terminal);
        using var screen = new TerminalScreen(world.Terminal.Out);
        return await new MonitorLoop(daemon, screen, world.Terminal.Colours, world.Time, state).RunAsync(world.Interrupts.Token);
    }

    private static async Task<int> OnceAsync(bool json, MonitorState state, CliWorld world)
    {
        using var signals = world.Interrupts.Listen();
        using var daemon = world.Daemon();
        var look = await LiveLook.TakeAsync(daemon, world.Time, world.Interrupts.Token);
        if (look is not Answer<LiveCopy>.Is(var live)) return look.Fail(world.Terminal);
        if (json) return WriteJson(live, world.Terminal);
        var width = world.Terminal.OutIsTerminal && NativeTerminal.Size() is { } size ? size.Width : PlainWidth;
        foreach (var line in MonitorFrame.Of(MonitorPicture.Of(live), state with { HasKeys = false }, [], width, PlainHeight, world.Time.GetUtcNow())) await world.Terminal.Out.WriteLineAsync(line.Text);
        return ExitCodes.Ok;
    }

    private static int WriteJson(LiveCopy live, Terminal terminal)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes)) live.WriteTo(json);
        terminal.Out.WriteLine(Encoding.UTF8.GetString(bytes.WrittenSpan));
        return ExitCodes.Ok;
    }
}
