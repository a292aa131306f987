using System.Collections.Immutable;
using System.Net;
using Helix.Core.Processes;
using Helix.Core.Sandbox;

namespace Helix.Core.Security;

/// <summary>An engine's processes as they look from outside.</summary>
/// <param name="Instance">Its name.</param>
/// <param name="Spec">The sandbox that it was started in, where its command line still tells; null where it does not, or there is none.</param>
/// <param name="Processes">See <see cref="EngineFamily"/>.</param>
internal sealed record EngineFacts(string Instance, string Provider, SandboxSpec? Spec, ImmutableArray<EngineProcess> Processes)
{
    /// <summary>It answers somebody, and is started as the settings say now when it has.</summary>
    public bool IsOutdated { get; init; }
}

/// <summary>One process of an engine.</summary>
/// <param name="Depth">How many parents lie between it and the first process of the session; the first has 0, and one whose parents do not lead there has more than any.</param>
/// <param name="StartTicks">Together with the pid it says who a process is.</param>
/// <param name="Program">Path of its program; null where the kernel does not show it to us.</param>
/// <param name="Status">Null where it ended meanwhile.</param>
/// <param name="Spaces">Its namespaces by their kind; what the kernel does not show is not in it.</param>
/// <param name="Listens">Where it takes connections from outside of its own namespace of the network.</param>
internal sealed record EngineProcess(
    int Pid, int Depth, long StartTicks, string? Program, ProcStatus? Status, ImmutableDictionary<string, string> Spaces, ImmutableArray<IPEndPoint> Listens);

/// <summary>What the processes of engines are compared with.</summary>
/// <param name="Tier">What was found to work here.</param>
/// <param name="OfRoot">helix runs as root.</param>
/// <param name="User">Who helix is.</param>
/// <param name="HasFilter">The system calls of this machine are known, so that they are filtered.</param>
/// <param name="Spaces">helix's own namespaces.</param>
internal sealed record EngineGround(SandboxTier Tier, bool OfRoot, uint User, bool HasFilter, ImmutableDictionary<string, string> Spaces);
