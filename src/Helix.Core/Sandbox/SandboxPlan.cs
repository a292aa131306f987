using System.Collections.Immutable;

namespace Helix.Core.Sandbox;

/// <summary>What an engine may see: the least with which it works.</summary>
internal static class SandboxPlan
{
    private const int MostFiles = 65_536;

    /// <summary>Threads count, too, and engines start some for each core.</summary>
    private const int MostProcesses = 4096;

    /// <returns>Null where nothing is to be shut in, or nothing can be.</returns>
    public static SandboxSpec? Of(SandboxRequest request, SandboxGround ground)
    {
        if (!ground.Config.AutoSandbox || ground.Tier == SandboxTier.None) return null;
        var wanted = request.Touches?.Network == "loopback" ? SandboxNetwork.Loopback : SandboxNetwork.None;
        // whatever a link led to: what helix keeps of its own is never shown
        var reads = Outermost([.. request.Reads.Where(path => !IsBelow(ground.Home, path)), .. ground.Program, .. request.Touches?.Reads ?? []]);
        // without a view of its own an engine needs the rights of whoever owns the folders above its files
        var user = ground is { OfRoot: true, Config.MinPrivileges: true } && ground.Tier is SandboxTier.Bubblewrap or SandboxTier.Unshare ? EngineUser.Of(request.Provider, ground.Users) : (int?)null;
        return new(
            ground.Tier,
            ground.Tool,
            ground.Helix,
            ground.Root,
            reads,
            Outermost([request.Data, .. request.Sockets is { } sockets ? [sockets] : Array.Empty<string>()]),
            request.Folder,
            request.UsesDevices ? request.Touches?.Devices ?? [] : [],
            request.Touches?.SharedMemory ?? false,
            ground.Config.NetworkIsolation ? wanted : SandboxNetwork.Machine,
            IsIsolated(ground),
            user,
            user is null ? [] : [.. reads.Where(path => IsBelow(path, ground.Home))],
            ground.Config.MinPrivileges,
            ground.OfRoot,
            ground.Config.ResourceLimits ? new($"helix-{ground.HomeKey}-{request.Name}", request.MemoryBytes, MostProcesses, MostFiles) : null)
        {
            UsesGpu = request.UsesDevices,
        };
    }

    /// <summary>Its ports are its own, and nobody reaches them but through a relay inside.</summary>
    public static bool IsIsolated(SandboxGround ground) =>
        ground is { Config: { AutoSandbox: true, NetworkIsolation: true }, Tier: SandboxTier.Bubblewrap or SandboxTier.Unshare };

    public static bool IsBelow(string path, string folder) => path == folder || path.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal);

    /// <summary>In an order in which a folder comes before what lies in it; what lies in another of them is left out.</summary>
    private static ImmutableArray<string> Outermost(ImmutableArray<string> paths)
    {
        var kept = new List<string>();
        foreach (var path in paths.Select(path => path.Length > 1 ? path.TrimEnd('/') : path).Order(StringComparer.Ordinal))
            if (!kept.Exists(other => IsBelow(path, other))) kept.Add(path);
        return [.. kept];
    }
}
