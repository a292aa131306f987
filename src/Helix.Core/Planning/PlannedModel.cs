using Helix.Core.Fleet;

namespace Helix.Core.Planning;

/// <summary>A model on disk as the plan sees it.</summary>
/// <param name="Bytes">Size of its file or files.</param>
/// <param name="KvBytesPerToken">Memory that one token of context takes, in bytes.</param>
/// <param name="ContextTokens">Context it was trained for.</param>
internal sealed record PlannedModel(
    string Id, string Path, long Bytes, long KvBytesPerToken, int ContextTokens, ModelAbilities Abilities, bool IsSelfTest, DateTimeOffset Added);

/// <summary>Somebody asked for a model at this moment.</summary>
/// <param name="Answering">It answers requests now: whoever else wants its memory waits.</param>
internal sealed record Demand(string Model, DateTimeOffset LastUsed, bool Answering = false);

/// <summary>What the plan is made from.</summary>
/// <param name="MemoryBytes">What engines may use together.</param>
/// <param name="StoppedByUser">The user said <c>local-llm stop builtin</c>, and has not taken it back.</param>
/// <param name="Demands">At most one per model.</param>
internal sealed record PlanInput(
    IReadOnlyList<PlannedModel> Models,
    IReadOnlyList<Demand> Demands,
    bool Enabled,
    bool AutoStart,
    bool StoppedByUser,
    bool StartedByUser,
    string? PreferredModel,
    int ContextPerSlot,
    int Slots,
    long MemoryBytes,
    DateTimeOffset Now);

/// <summary>What should become of one model.</summary>
internal abstract record Placement
{
    private Placement() { }

    internal sealed record Run(int ContextPerSlot, int Slots, string Why) : Placement;

    /// <param name="IsAwaited">Somebody waits for it, and it runs as soon as another has answered.</param>
    internal sealed record Rest(string Why, bool IsAwaited = false) : Placement;

    /// <summary>It cannot run until somebody acts; nobody waits for it.</summary>
    internal sealed record Impossible(string Reason, string Remedy) : Placement
    {
        /// <summary>The user wants it so: no trouble, and nothing to repair.</summary>
        public bool IsWished { get; init; }
    }

    /// <summary>Why it does not run, in words; null if it does.</summary>
    public string? WhyNot => this switch
    {
        Rest(var why, _) => why,
        Impossible(var reason, var remedy) => $"{reason}; {remedy}",
        _ => null,
    };
}
