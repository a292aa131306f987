using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.Sandbox;

namespace Helix.Core.Security;

/// <summary>What an engine's sandbox must show from outside. What Landlock forbids cannot be seen there.</summary>
/// <param name="Spaces">Kinds of namespaces that must not be helix's own.</param>
/// <param name="IsFiltered">Its system calls are filtered.</param>
/// <param name="HasNoCapabilities">None is in effect.</param>
/// <param name="User">Whom it must be; null: whoever helix is.</param>
/// <param name="FirstInside">Processes of less depth belong to the tool that makes the sandbox.</param>
internal sealed record SandboxPromise(ImmutableArray<string> Spaces, bool IsFiltered, bool HasNoCapabilities, int? User, int FirstInside)
{
    private static readonly ImmutableArray<string> s_always = ["mnt", "pid", "ipc", "uts"];

    /// <returns>Null where nothing is promised.</returns>
    public static SandboxPromise? Of(SandboxSpec? spec, SecurityConfig config, EngineGround ground)
    {
        if (!config.AutoSandbox || ground.Tier == SandboxTier.None) return null;
        if (ground.Tier == SandboxTier.Landlock) return new([], config.MinPrivileges && ground.HasFilter, config.MinPrivileges, null, 0);
        // the tool outside, the tool as the first process inside, and then the engine
        if (spec is not null)
            return new(
                [.. s_always, .. spec is { IsIsolated: true, Network: not SandboxNetwork.Machine } ? ["net"] : Array.Empty<string>(), .. spec.OfRoot ? Array.Empty<string>() : ["user"]],
                spec.Unprivileged && ground.HasFilter, spec.Unprivileged, spec.User, 2);
        return new([.. s_always], config.MinPrivileges && ground.HasFilter, config.MinPrivileges, null, 0);
    }

    /// <summary>What of it a process does not keep, in words; empty for nothing.</summary>
    public ImmutableArray<string> Broken(EngineProcess process, EngineGround ground)
    {
        var broken = ImmutableArray.CreateBuilder<string>();
        var shared = Spaces.Where(kind => process.Spaces.TryGetValue(kind, out var its) && ground.Spaces.TryGetValue(kind, out var ours) && its == ours).Select(Name).ToArray();
        if (shared.Length > 0) broken.Add($"shares {string.Join(", ", shared)} with the machine");
        if (process.Status is not { } status) return broken.ToImmutable();
        if (!status.NoNewPrivileges) broken.Add("may gain privileges");
        if (IsFiltered && status.Filter == 0) broken.Add("has no filter of system calls");
        if (HasNoCapabilities && status.Capabilities != 0) broken.Add($"has capabilities ({status.Capabilities:x})");
        if (User is { } user && status.User != user) broken.Add($"runs as the user {status.User} instead of {user}");
        return broken.ToImmutable();
    }

    private static string Name(string kind) => kind switch
    {
        "mnt" => "its files",
        "net" => "its network",
        "pid" => "its processes",
        "user" => "its users",
        "ipc" => "shared memory",
        _ => "its name",
    };
}
