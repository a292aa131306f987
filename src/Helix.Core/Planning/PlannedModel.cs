using System.Collections.Immutable;
using Helix.Core.Fleet;
using Helix.Core.Models;
using Helix.Core.Tuning;

namespace Helix.Core.Planning;

/// <summary>A model on disk as the plan sees it.</summary>
/// <param name="Bytes">Size of its file or files.</param>
/// <param name="KvBytesPerToken">Memory that one token of context takes, in bytes.</param>
/// <param name="ContextTokens">Context it was trained for.</param>
/// <param name="Architecture">As the model's files name it; null where nobody said.</param>
internal sealed record PlannedModel(
    string Id, string Path, long Bytes, long KvBytesPerToken, int ContextTokens, ModelAbilities Abilities, bool IsSelfTest, DateTimeOffset Added,
    ModelFormat Format = ModelFormat.Gguf, string? Architecture = null)
{
    /// <summary>0 where nobody says.</summary>
    public int Layers { get; init; }

    /// <summary>Null where nobody tells it, or no rule asks for it.</summary>
    public string? Licence { get; init; }

    /// <summary>The built-in engine could not compute it on a GPU.</summary>
    public bool FailedOnDevice { get; init; }
}

/// <summary>Somebody asked for a model at this moment.</summary>
/// <param name="Provider">The one that was asked for by name; null for whichever serves it.</param>
internal sealed record Demand(string Model, DateTimeOffset LastUsed, string? Provider = null)
{
    /// <summary>Since when somebody waits for it; null once it has answered.</summary>
    public DateTimeOffset? WaitingSince { get; init; }
}

/// <summary>What the plan is made from.</summary>
/// <param name="Providers">Those that are installed.</param>
/// <param name="Demands">At most one per model and provider.</param>
/// <param name="MemoryBytes">What engines may use together.</param>
internal sealed record PlanInput(
    IReadOnlyList<PlannedModel> Models,
    IReadOnlyList<PlannedProvider> Providers,
    IReadOnlyList<Demand> Demands,
    bool AutoStart,
    string? PreferredModel,
    int ContextPerSlot,
    int Slots,
    long MemoryBytes,
    DateTimeOffset Now)
{
    /// <summary>GPUs with memory of their own.</summary>
    public ImmutableArray<PlannedDevice> Devices { get; init; } = [];

    /// <summary>All that engines may use.</summary>
    public MemoryPools Pools => Reserved.Aggregate(MemoryPools.Of(MemoryBytes, Devices), (left, taken) => left.Without(taken));

    /// <summary>What runs beside the plan for a while, to be tried or measured.</summary>
    public ImmutableArray<Seating> Reserved { get; init; } = [];

    /// <summary>What is running, as it was started: it stays where it is while it has room there.</summary>
    public ImmutableDictionary<Seat, Placement.Run> Placed { get; init; } = ImmutableDictionary<Seat, Placement.Run>.Empty;

    /// <summary>What is being started for somebody who waits, or is just ready for him: it keeps its place until it has answered him.</summary>
    public ImmutableHashSet<Seat> Coming { get; init; } = [];

    /// <summary>What answers now: it goes on until another can take its place.</summary>
    public ImmutableHashSet<Seat> Ready { get; init; } = [];

    /// <summary>What computes for somebody at this moment: whoever else wants its memory waits.</summary>
    public ImmutableHashSet<Seat> Answering { get; init; } = [];

    /// <summary>What failed again and again: another provider serves the model, where one can.</summary>
    public ImmutableHashSet<Seat> Broken { get; init; } = [];

    /// <summary>What went down and nobody is to bring back: where every provider of a model failed, it stays there, and no other one is started.</summary>
    public ImmutableHashSet<Seat> Down { get; init; } = [];

    /// <summary>How often seats ran out of memory: each time they are made smaller.</summary>
    public ImmutableDictionary<Seat, int> Shrunk { get; init; } = ImmutableDictionary<Seat, int>.Empty;

    /// <summary>What was measured to be better than what the plan would do.</summary>
    public ImmutableDictionary<Seat, EngineTuning> Tuned { get; init; } = ImmutableDictionary<Seat, EngineTuning>.Empty;
}

/// <summary>What should become of one seat.</summary>
internal abstract record Placement
{
    private Placement() { }

    internal sealed record Run(int ContextPerSlot, int Slots, string Why) : Placement
    {
        public Seating Seating { get; init; } = new(0);

        /// <summary>What was changed of it because it was measured to be better.</summary>
        public EngineTuning Tuned { get; init; } = EngineTuning.None;
    }

    /// <param name="IsAwaited">Somebody waits for it, and it runs as soon as another has answered.</param>
    internal sealed record Rest(string Why, bool IsAwaited = false) : Placement
    {
        /// <summary>It is wanted, and does not run for want of memory alone.</summary>
        public bool LacksMemory { get; init; }

        /// <summary>How it would run if it were asked for and nothing else ran; null where that is not told.</summary>
        public Run? Alone { get; init; }
    }

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

/// <summary>What should run.</summary>
/// <param name="Seats">Every model at every provider that can load it.</param>
/// <param name="Served">The seat that serves a model, for each one; a model that no provider can load has none.</param>
internal sealed record Plan(ImmutableDictionary<Seat, Placement> Seats, ImmutableDictionary<string, Seat> Served)
{
    public static Plan Empty { get; } = new(ImmutableDictionary<Seat, Placement>.Empty, ImmutableDictionary<string, Seat>.Empty);

    /// <summary>What becomes of a model, wherever it is served.</summary>
    public Placement Of(string model) => Served.TryGetValue(model, out var seat)
        ? Seats[seat]
        : new Placement.Impossible("no engine that is installed here can load it", "see what can be installed with: helix local-llm list");

    public Placement? Of(Seat seat) => Seats.GetValueOrDefault(seat);
}
