using System.Security;

namespace Helix.Core.Cli;

/// <summary>The files that make a system start helix after a reboot.</summary>
internal static class ServiceUnit
{
    /// <summary>For <c>~/.config/systemd/user</c>, or for <c>/etc/systemd/system</c> when <paramref name="user"/> is given.</summary>
    /// <param name="variables">What its environment needs.</param>
    /// <param name="user">Whom the system's own unit runs helix as; null for a user's unit.</param>
    public static string Systemd(string program, IReadOnlyList<(string Name, string Value)> variables, string? user) =>
        $"""
        [Unit]
        Description=helix, a private AI server
        After=network.target

        [Service]
        Type=exec
        ExecStart={Quoted(program)} start --foreground
        ExecStop={Quoted(program)} stop
        {string.Concat(variables.Select(variable => $"Environment={Quoted($"{variable.Name}={variable.Value}")}\n"))}{(user is null ? "" : $"User={user}\n")}Restart=on-failure
        RestartSec=5
        TimeoutStopSec=60
        KillMode=process

        [Install]
        WantedBy={(user is null ? "default" : "multi-user")}.target

        """;

    /// <summary>For <c>~/Library/LaunchAgents</c>.</summary>
    public static string Launchd(string label, string program, IReadOnlyList<(string Name, string Value)> variables) =>
        $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
        <plist version="1.0">
        <dict>
          <key>Label</key><string>{label}</string>
          <key>ProgramArguments</key><array><string>{SecurityElement.Escape(program)}</string><string>start</string><string>--foreground</string></array>
          {(variables.Count == 0 ? "" : $"<key>EnvironmentVariables</key><dict>{string.Concat(variables.Select(variable => $"<key>{variable.Name}</key><string>{SecurityElement.Escape(variable.Value)}</string>"))}</dict>\n  ")}<key>RunAtLoad</key><true/>
          <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
        </dict>
        </plist>

        """;

    /// <summary>systemd's own quoting: percent signs mean something to it.</summary>
    private static string Quoted(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("%", "%%", StringComparison.Ordinal)}\"";
}
