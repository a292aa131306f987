using System.Collections.Immutable;
using System.Text;

namespace Helix.Core.Sandbox;

/// <summary>What an engine may on macOS, in the language of Seatbelt, which <c>sandbox-exec -p</c> takes.</summary>
/// <remarks>Written after the profiles that Chromium (<c>sandbox/policy/mac/*.sb</c>) and Nix (<c>sandbox-defaults.sb</c>) publish. Not yet run on a Mac.</remarks>
internal static class SeatbeltProfile
{
    /// <summary>The system's own: programs, libraries, settings; nothing of a user's.</summary>
    private static readonly ImmutableArray<string> s_system =
    [
        "/System", "/usr", "/bin", "/sbin", "/opt/homebrew", "/Library/Apple", "/Library/Developer/CommandLineTools", "/Library/Frameworks", "/private/etc", "/private/var/db/dyld", "/private/var/db/timezone",
    ];

    private static readonly ImmutableArray<string> s_devices = ["/dev/null", "/dev/zero", "/dev/random", "/dev/urandom", "/dev/tty"];

    public static string Of(SandboxSpec spec)
    {
        var text = new StringBuilder("(version 1)\n(deny default)\n(import \"system.sb\")\n(allow process-fork process-exec)\n(allow signal (target same-sandbox))\n(allow sysctl-read)\n(allow file-read-metadata)\n");
        Allow(text, "file-read*", "subpath", [.. s_system, .. spec.Reads.SelectMany(Names)]);
        Allow(text, "file-read* file-write*", "subpath", [.. spec.Writes.SelectMany(Names)]);
        Allow(text, "file-read* file-write-data file-ioctl", "literal", s_devices);
        // its unix socket is a file; what listens there is asked by helix, never the other way round
        Allow(text, "network-bind network-inbound", "subpath", [.. spec.Writes.SelectMany(Names)]);
        if (spec.SharedMemory) text.Append("(allow ipc-posix-shm*)\n");
        if (spec.UsesGpu) text.Append("(allow iokit-open)\n(allow mach-lookup (global-name \"com.apple.MTLCompilerService\") (xpc-service-name \"com.apple.MTLCompilerService\"))\n");
        text.Append(spec.Network switch
        {
            SandboxNetwork.Machine => "(allow network*)\n(allow system-socket)\n",
            SandboxNetwork.Loopback => "(allow network-bind network-inbound (local ip \"localhost:*\"))\n(allow network-outbound (remote ip \"localhost:*\"))\n",
            _ => "",
        });
        return text.ToString();
    }

    private static void Allow(StringBuilder text, string what, string how, ImmutableArray<string> paths)
    {
        if (paths.IsEmpty) return;
        text.Append("(allow ").Append(what);
        foreach (var path in paths) text.Append("\n  (").Append(how).Append(' ').Append(Quoted(path)).Append(')');
        text.Append(")\n");
    }

    /// <summary>Some of the root's folders are links, and only what they lead to counts.</summary>
    private static IEnumerable<string> Names(string path) =>
        ((string[])["/tmp", "/var", "/etc"]).Any(link => SandboxPlan.IsBelow(path, link)) ? [path, "/private" + path] : [path];

    private static string Quoted(string path) => $"\"{path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
