using System.Collections.Immutable;
using System.Globalization;

namespace Helix.Core.Sandbox;

/// <summary>The command line of each tier.</summary>
internal static class SandboxLine
{
    /// <summary>What root's engine is prepared with before it gives up being root: its folders are made its own.</summary>
    private static readonly ImmutableArray<string> s_preparing = ["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_CHOWN", "CAP_FOWNER", "CAP_DAC_OVERRIDE"];

    /// <summary>It tells of a signal that ended the engine with 128 and its number, as bubblewrap does, and says nothing itself: unshare would tell of none that a process may not send itself.</summary>
    public const string FirstProcess = "exec 3>&2 2>/dev/null; \"$@\" 2>&3 3>&-; exit $?";

    /// <param name="inside">What is run inside, beginning with the program.</param>
    /// <param name="devices">Device files that are there.</param>
    public static ImmutableArray<string> Of(SandboxSpec spec, ImmutableArray<string> devices, ImmutableArray<string> inside) => spec.Tier switch
    {
        SandboxTier.Bubblewrap => [spec.Tool!, .. Bubblewrap(spec, SandboxView.Of(spec, devices)), "--", .. inside],
        // the first process of a namespace hears no signal that it does not handle, and must collect orphans: a shell is that process
        SandboxTier.Unshare => [spec.Tool!, .. Unshare(spec), "--", "/bin/sh", "-c", FirstProcess, "sh", .. inside],
        _ => inside,
    };

    private static IEnumerable<string> Bubblewrap(SandboxSpec spec, ImmutableArray<ViewStep> view)
    {
        if (!spec.OfRoot) yield return "--unshare-user";
        foreach (var word in new[] { "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "engine" }) yield return word;
        if (IsOffline(spec)) yield return "--unshare-net";
        if (spec.OfRoot && spec.Unprivileged)
        {
            yield return "--cap-drop";
            yield return "ALL";
            foreach (var capability in s_preparing.Where(_ => spec.User is not null))
            {
                yield return "--cap-add";
                yield return capability;
            }
        }

        foreach (var word in view.SelectMany(Words)) yield return word;
        // the folders in between are of memory: nothing is to be written there either
        foreach (var word in (string[])["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", spec.Folder]) yield return word;
    }

    private static string[] Words(ViewStep step) => step switch
    {
        ViewStep.Read(var path, var isNeeded) => [isNeeded ? "--ro-bind" : "--ro-bind-try", path, path],
        ViewStep.Write(var path) => ["--bind", path, path],
        ViewStep.Link(var path, var target) => ["--symlink", target, path],
        ViewStep.Memory(var path, var bytes) => [.. bytes is { } size ? ["--size", size.ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>(), "--perms", "1777", "--tmpfs", path],
        ViewStep.Folder(var path) => ["--perms", "0755", "--dir", path],
        ViewStep.Device(var path) => ["--dev-bind-try", path, path],
        ViewStep.Processes => ["--proc", "/proc"],
        ViewStep.PlainDevices => ["--dev", "/dev"],
        _ => [],
    };

    private static IEnumerable<string> Unshare(SandboxSpec spec) =>
    [
        .. spec.OfRoot ? Array.Empty<string>() : ["--user", "--map-root-user"],
        "--mount", "--pid", "--ipc", "--uts", "--cgroup", "--fork",
        .. IsOffline(spec) ? ["--net"] : Array.Empty<string>(),
    ];

    private static bool IsOffline(SandboxSpec spec) => spec is { IsIsolated: true, Network: not SandboxNetwork.Machine };
}
