using System.Collections.Immutable;

namespace Helix.Core.Sandbox;

/// <summary>One thing to be put into the empty root of a sandbox.</summary>
internal abstract record ViewStep(string Path)
{
    /// <param name="IsNeeded">Where it is not there, the engine is not started.</param>
    internal sealed record Read(string Path, bool IsNeeded) : ViewStep(Path);

    internal sealed record Write(string Path) : ViewStep(Path);

    internal sealed record Link(string Path, string Target) : ViewStep(Path);

    /// <summary>One that others lie in, and that everybody may pass through.</summary>
    internal sealed record Folder(string Path) : ViewStep(Path);

    /// <summary>A folder in memory that everybody may write to.</summary>
    internal sealed record Memory(string Path, long? Bytes) : ViewStep(Path);

    internal sealed record Device(string Path) : ViewStep(Path);

    internal sealed record Processes() : ViewStep("/proc");

    /// <summary>The devices that every program has: null, zero, full, random, urandom, tty.</summary>
    internal sealed record PlainDevices() : ViewStep("/dev");
}

/// <summary>The files of a sandbox, in the order in which they are put there: what comes later lies over what came before.</summary>
internal static class SandboxView
{
    private const long TemporaryBytes = 256L << 20;

    /// <summary>Of <c>/etc</c> only what tells how libraries, names of users, certificates and this machine's own name are found.</summary>
    private static readonly ImmutableArray<string> s_settings =
    [
        "/etc/alternatives", "/etc/ca-certificates", "/etc/dotnet", "/etc/group", "/etc/hosts", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime", "/etc/nsswitch.conf",
        "/etc/passwd", "/etc/pki/tls/certs", "/etc/ssl/certs", "/etc/ssl/openssl.cnf",
    ];

    private static readonly ImmutableArray<string> s_kernel = ["/sys/devices/system/cpu", "/sys/devices/system/node", "/sys/kernel/mm/transparent_hugepage"];

    /// <summary>How a program finds the GPU that a device file belongs to.</summary>
    private static readonly ImmutableArray<string> s_kernelWithDevices = ["/sys"];

    /// <param name="devices">Device files that are there.</param>
    public static ImmutableArray<ViewStep> Of(SandboxSpec spec, ImmutableArray<string> devices) =>
    [
        new ViewStep.Read("/usr", IsNeeded: true),
        .. spec.Root.Select(folder => folder.Link is { } target ? new ViewStep.Link(folder.Path, target) : (ViewStep)new ViewStep.Read(folder.Path, IsNeeded: false)),
        .. s_settings.Concat(Kernel(devices)).SelectMany(Above).Distinct().Order(StringComparer.Ordinal).Select(path => new ViewStep.Folder(path)),
        .. s_settings.Select(Optional),
        new ViewStep.Processes(),
        new ViewStep.PlainDevices(),
        .. spec.SharedMemory ? [new ViewStep.Memory("/dev/shm", null)] : Array.Empty<ViewStep>(),
        .. devices.Select(device => new ViewStep.Device(device)),
        .. Kernel(devices).Select(Optional),
        new ViewStep.Memory("/tmp", TemporaryBytes),
        .. spec.Reads.Concat(spec.Writes).SelectMany(Above).Distinct().Order(StringComparer.Ordinal).Select(path => new ViewStep.Folder(path)),
        .. spec.Reads.Where(path => !IsIn(spec.Writes, path)).Select(path => new ViewStep.Read(path, IsNeeded(path))),
        .. spec.Writes.Select(path => new ViewStep.Write(path)),
        // what lies in a folder that may be written to, and may not be written itself
        .. spec.Reads.Where(path => IsIn(spec.Writes, path)).Select(path => new ViewStep.Read(path, IsNeeded(path))),
    ];

    private static ImmutableArray<string> Kernel(ImmutableArray<string> devices) => devices.IsEmpty ? s_kernel : s_kernelWithDevices;

    /// <summary>What manifests name of the system may be missing; what lies elsewhere is the engine itself.</summary>
    private static bool IsNeeded(string path) => !SandboxPlan.IsBelow(path, "/usr") && !SandboxPlan.IsBelow(path, "/etc");

    private static bool IsIn(ImmutableArray<string> folders, string path) => folders.Any(folder => SandboxPlan.IsBelow(path, folder));

    /// <summary>The folders above a path, but for those that are there already.</summary>
    private static IEnumerable<string> Above(string path)
    {
        for (var end = path.LastIndexOf('/'); end > 0; end = path.LastIndexOf('/', end - 1))
            if (path[..end] is not ("/tmp" or "/usr")) yield return path[..end];
    }

    private static ViewStep Optional(string path) => new ViewStep.Read(path, IsNeeded: false);
}
