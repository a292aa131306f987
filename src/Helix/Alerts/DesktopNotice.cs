using Helix.Core.History;
using Helix.Install;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Alerts;

/// <summary>Shows a few words on the desktop of the user that helix runs as, where there is one and it has a program for that.</summary>
internal sealed partial class DesktopNotice(BoundedChild child, HelixHome home, Func<Dictionary<string, string>> environment, ILogger<DesktopNotice> log)
{
    private const string Name = "desktop-notice";
    private const string Bus = "DBUS_SESSION_BUS_ADDRESS";
    private const string RuntimeFolder = "XDG_RUNTIME_DIR";

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(10);

    /// <summary>What comes of it is logged and nothing more: the list has it, whoever looks at the desktop.</summary>
    public async Task ShowAsync(string title, string text, Severity severity, CancellationToken cancellationToken)
    {
        try
        {
            if (LineOf(title, text, severity) is not var (program, arguments, variables)) return;
            var file = Path.Combine(home.Logs, "helix", "desktop.log");
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            var end = await child.EndOfAsync(new LaunchSpec(Name, program, arguments, variables, home.LocalLlm, file), s_deadline, static () => { }, cancellationToken);
            if (end is not { Code: 0 }) LogNotShown(file);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or SpawnFailedException or InvalidOperationException)
        {
            LogRefused(refused.Message);
        }
    }

    /// <summary>Null where there is no desktop, or nothing that shows words on it.</summary>
    private (string Program, IReadOnlyList<string> Arguments, Dictionary<string, string> Variables)? LineOf(string title, string text, Severity severity)
    {
        var variables = environment();
        if (OperatingSystem.IsMacOS())
            return Toolbox.OnPath(variables, "osascript") is { } script
                ? (script, ["-e", "on run argv", "-e", "display notification (item 2 of argv) with title (item 1 of argv)", "-e", "end run", title, text], variables)
                : null;
        if (Toolbox.OnPath(variables, "notify-send") is not { } notify || BusOf(variables) is not { } bus) return null;
        variables[Bus] = bus;
        return (notify, ["--app-name=helix", $"--urgency={(severity >= Severity.Error ? "critical" : "normal")}", "--", title, Escaped(text)], variables);
    }

    /// <summary>A desktop takes the text for one with marks: a link, or a picture from elsewhere, is none of ours.</summary>
    internal static string Escaped(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    /// <summary>The bus of the user's session: a daemon that was started elsewhere has no variable for it.</summary>
    private static string? BusOf(Dictionary<string, string> variables)
    {
        if (variables.GetValueOrDefault(Bus) is { Length: > 0 } known) return known;
        var socket = variables.GetValueOrDefault(RuntimeFolder) is { Length: > 0 } folder ? Path.Combine(folder, "bus") : null;
        return socket is not null && File.Exists(socket) ? $"unix:path={socket}" : null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "an alert could not be shown on the desktop; what was said of it is in {File}")]
    private partial void LogNotShown(string file);

    [LoggerMessage(Level = LogLevel.Warning, Message = "an alert could not be shown on the desktop: {Reason}")]
    private partial void LogRefused(string reason);
}
