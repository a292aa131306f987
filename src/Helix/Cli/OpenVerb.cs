using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Helix.Contracts;

namespace Helix.Cli;

/// <summary><c>helix local-llm open X</c>: the engine's own web interface, by a link that works once.</summary>
internal static class OpenVerb
{
    private static readonly string[] s_displays = ["DISPLAY", "WAYLAND_DISPLAY"];

    public static Command Create(CliWorld world)
    {
        var id = Verb.Argument("ID", "The provider, as \"helix local-llm list\" shows it.");
        var model = new Option<string?>("--model") { Description = "The model that it shall work with; without it, one that is ready.", HelpName = "MODEL" };
        var span = new Option<string?>("--for") { Description = "Close it after so long, for example 90s, 20m or 2h; without it, when it was not used for 30 minutes.", HelpName = "TIME" };
        span.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && Seconds(result.Tokens[0].Value) is null) result.AddError("--for must be a time from 1s to 24h, for example 90s, 20m or 2h.");
        });
        var noBrowser = new Option<bool>("--no-browser") { Description = "Only print the link." };
        var verb = new Verb(
            "open", "Open a provider's own web interface, through a link that works once.",
            "helix local-llm open koboldai", "helix local-llm open koboldai --model qwen3-8b --for 2h --no-browser") { id, model, span, noBrowser };
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => RunAsync(parse, parse.GetRequiredValue(id), new(parse.GetValue(model), Seconds(parse.GetValue(span))), parse.GetValue(noBrowser), world, cancellationToken));
        return verb;
    }

    /// <returns>Null if it is no time, or none that is allowed.</returns>
    internal static int? Seconds(string? text)
    {
        if (text is not { Length: > 1 } || !int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count)) return null;
        var seconds = (long)count * (text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => 0 });
        return seconds is >= 1 and <= 24 * 3600 ? (int)seconds : null;
    }

    private static async Task<int> RunAsync(ParseResult parse, string id, OpenRequest request, bool noBrowser, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.PostPatientlyAsync(
            $"/helix/v1/providers/{Uri.EscapeDataString(id)}/open", JsonSerializer.SerializeToUtf8Bytes(request, AttachJson.Default.OpenRequest), AttachJson.Default.OpenedReport, cancellationToken);
        if (answer is not Answer<OpenedReport>.Is(var opened)) return answer.Fail(world.Terminal);
        if (parse.IsJson()) return world.Terminal.WriteJson(opened, AttachJson.Default.OpenedReport);
        world.Terminal.Out.WriteLine(opened.Url);
        world.Terminal.Say($"{opened.Provider} with {opened.Model}; the link works once, in one browser. It closes {opened.Closes}.");
        if (!noBrowser && world.Terminal.OutIsTerminal && await OpensAsync(opened.Url, world.Time)) world.Terminal.Say("it is shown in your browser");
        return ExitCodes.Ok;
    }

    /// <summary>Shows a page in the user's browser.</summary>
    /// <returns>False where there is none, or none that could be asked.</returns>
    public static Task<bool> OpensAsync(string url, TimeProvider time)
    {
        // without a display, xdg-open would start a browser in this terminal
        var hasWindows = OperatingSystem.IsMacOS() || s_displays.Any(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 });
        return hasWindows ? new ServiceCommand([OperatingSystem.IsMacOS() ? "open" : "xdg-open", url], null, null).RunAsync(time) : Task.FromResult(false);
    }
}
