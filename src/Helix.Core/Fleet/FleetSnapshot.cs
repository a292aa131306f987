using System.Collections.Immutable;
using Helix.Core.Clouds;
using Helix.Core.Gateway;
using Helix.Core.Manifests;

namespace Helix.Core.Fleet;

/// <summary>Everything a reader may know of the fleet at one moment. Never changed, replaced whole.</summary>
/// <param name="Version">Grows by at least one with every replacement.</param>
/// <param name="Providers">One row per provider helix knows.</param>
/// <param name="Instances">Every supervised process, whether it runs or waits; and what went down while another provider serves its model, until it is tried again.</param>
/// <param name="Models">Every model that a client may name, in the order in which they are listed.</param>
internal sealed record FleetSnapshot(
    long Version,
    ImmutableArray<ProviderStatus> Providers,
    ImmutableArray<InstanceStatus> Instances,
    ImmutableArray<ServedModel> Models)
{
    public static FleetSnapshot Empty { get; } = new(0, [], [], []);
}

/// <summary>One provider as a user sees it.</summary>
/// <param name="Reason">Why it is in this state, in words; never empty.</param>
/// <param name="Pid">Of its first live process.</param>
/// <param name="Model">The model that this process serves.</param>
internal sealed record ProviderStatus(
    string Id, string Name, ProviderState State, string Reason, int? Pid, string? Model, string? Release, DateTimeOffset Since)
{
    /// <summary>Somebody else runs it.</summary>
    public bool IsAttached { get; init; }

    /// <summary>A cloud, which counts as attached besides.</summary>
    public bool IsCloud { get; init; }

    /// <summary>What an attached one is, where that is known.</summary>
    public string? Product { get; init; }
}

/// <summary>One supervised process of a provider, serving one model.</summary>
/// <param name="Name">Unique in the fleet, for example <c>builtin-helix-selftest</c>; also its folder of logs.</param>
/// <param name="Restarts">Unwanted ends since it was last asked for.</param>
internal sealed record InstanceStatus(
    string Name, string Provider, string Model, ProviderState State, string Reason, int? Pid, int Restarts, DateTimeOffset Since)
{
    /// <summary>What somebody can do about it; null where nobody has to.</summary>
    public string? Remedy { get; init; }

    /// <summary>Another release, or other settings, are to take its place, as soon as it has answered whom it answers.</summary>
    public bool IsOutdated { get; init; }

    /// <summary>Of the machine's memory, by the plan.</summary>
    public long ReservedBytes { get; init; }

    /// <summary>Of the memory of all GPUs that it computes on together, by the plan; 0 where it uses none, or one whose memory is not planned.</summary>
    public long ReservedGpuBytes { get; init; }

    /// <summary>That it was seen to take last; 0 where nobody measured.</summary>
    public long MeasuredBytes { get; init; }

    /// <summary>When it is started again; null where it runs, or nothing will start it.</summary>
    public DateTimeOffset? NextStart { get; init; }

    /// <summary>How long it had served when it ended last; null where it had not been ready.</summary>
    public TimeSpan? Served { get; init; }

    /// <summary>From its last start to ready; null where it never was.</summary>
    public TimeSpan? TookToStart { get; init; }

    /// <summary>What went wrong last, in words; null where nothing did since it was asked for.</summary>
    public string? Fault { get; init; }

    /// <summary>What was the matter then; null while nobody knows.</summary>
    public Healing.Diagnosis? Diagnosis { get; init; }

    /// <summary>From that fault to its first token after it; null while it is not back.</summary>
    public TimeSpan? TookToRecover { get; init; }

    public HealthView Health { get; init; } = HealthView.None;
}

/// <summary>A model that a client may name, and where a request for it goes.</summary>
/// <param name="Backends">Whatever can be sent a request for it, the one that serves it first; empty while there is none.</param>
/// <param name="IsSelfTest">True for the model that helix writes itself; <c>auto</c> takes it only as the last resort.</param>
internal sealed record ServedModel(
    string Id,
    ModelAbilities Abilities,
    ModelAvailability Availability,
    ImmutableArray<Backend> Backends,
    int ContextTokens,
    bool IsSelfTest,
    DateTimeOffset Added)
{
    /// <summary>Every provider that can serve it, the one that does first.</summary>
    public ImmutableArray<ServedSeat> Seats { get; init; } = [];

    /// <summary>Whose engine serves it under its plain name.</summary>
    public ModelOrigin Origin { get; init; }

    /// <summary>It is a cloud's that is asked in Anthropic's words.</summary>
    public bool SpeaksMessages { get; init; }
}

internal enum ModelOrigin
{
    /// <summary>helix's own engines.</summary>
    Own,

    /// <summary>An engine on this machine that somebody else runs.</summary>
    Attached,

    /// <summary>An engine on another machine: requests leave this one.</summary>
    Remote,

    /// <summary>A cloud: requests leave this machine, and cost.</summary>
    Cloud,
}

/// <summary>A model at one provider.</summary>
/// <param name="Backend">Null while it is not ready.</param>
internal sealed record ServedSeat(string Provider, ModelAvailability Availability, Backend? Backend);

/// <summary>What a model can be asked for.</summary>
[Flags]
internal enum ModelAbilities
{
    None = 0,
    Chat = 1,
    Completion = 2,
    Embeddings = 4,

    /// <summary>Calls of tools, where the engine knows of them.</summary>
    Tools = 8,

    /// <summary>Answers that keep to a JSON schema.</summary>
    JsonSchema = 16,

    /// <summary>Tells how well texts answer a question.</summary>
    Rerank = 32,

    /// <summary>Tells whether a text is harmful.</summary>
    Moderation = 64,

    /// <summary>Pictures from words.</summary>
    Images = 128,

    /// <summary>Pictures from a picture and words.</summary>
    ImageEdits = 256,

    /// <summary>Pictures from a picture.</summary>
    ImageVariations = 512,

    /// <summary>Texts read aloud.</summary>
    Speech = 1024,

    /// <summary>What is said, as text.</summary>
    Transcription = 2048,

    /// <summary>What is said, as text in English.</summary>
    Translation = 4096,

    /// <summary>What few engines do, each with models made for it.</summary>
    Special = Rerank | Moderation | Images | ImageEdits | ImageVariations | Speech | Transcription | Translation,

    /// <summary>What an engine counts as able to of which nothing else is known.</summary>
    Everything = Chat | Completion | Embeddings | Tools | JsonSchema | Special,
}

/// <summary>A ready instance, or anything else a request can be sent to.</summary>
/// <param name="Endpoint">Where it speaks HTTP: path of a unix socket, or 127.0.0.1 and a port; of a cloud, its https address.</param>
/// <param name="UpstreamModel">The name under which the engine itself knows the model.</param>
/// <param name="Key">What it asks for as a bearer token; null for nothing.</param>
internal sealed record Backend(string Instance, string Provider, string Endpoint, string UpstreamModel, string? Key = null)
{
    /// <summary>What it can do with its model.</summary>
    public ModelAbilities Abilities { get; init; } = ModelAbilities.Everything;

    /// <summary>Tokens that one request can have there; 0 where nobody knows.</summary>
    public int ContextTokens { get; init; }

    /// <summary>Requests that it computes at once; 0 where nobody knows.</summary>
    public int Slots { get; init; }

    /// <summary>Somebody else runs it: helix does not bring it back.</summary>
    public bool IsAttached { get; init; }

    /// <summary>How it goes on with an answer that another began; null where it cannot, or nobody knows whether it can.</summary>
    public AnswerContinuation? Continues { get; init; }

    /// <summary>What of requests it does not know; null where nothing is known of that.</summary>
    public ParameterGaps? Gaps { get; init; }

    /// <summary>Which of these it does not know, so that its answer would be another.</summary>
    public RequestParameters Unknown(InferenceRoute route, RequestParameters asked) => Gaps is { } gaps ? gaps.Of(route).Lacks & asked : RequestParameters.None;

    /// <summary>Where a cloud is asked; null for an engine.</summary>
    public CloudTarget? Cloud { get; init; }
}

/// <summary>Whether a request for a model can be answered now, later or not at all.</summary>
internal abstract record ModelAvailability
{
    private ModelAvailability() { }

    /// <summary>At least one backend takes requests.</summary>
    internal sealed record Ready : ModelAvailability;

    /// <summary>Known and on disk, nothing runs; a request wakes it.</summary>
    internal sealed record Asleep : ModelAvailability;

    /// <summary>On its way: fetched, loaded or restarted. <paramref name="Progress"/> is one short sentence for the one who waits.</summary>
    internal sealed record Coming(string Progress) : ModelAvailability;

    /// <summary>Cannot be served until somebody acts. <paramref name="Remedy"/> says what to do.</summary>
    internal sealed record Failed(string Reason, string Remedy) : ModelAvailability
    {
        /// <summary>Not served because the user said so: no trouble, and told as <c>off</c>.</summary>
        public bool IsWished { get; init; }

        /// <summary>A rule of the user's does not permit it, whoever could serve it.</summary>
        public bool IsBarred { get; init; }

        /// <summary>When it is tried again; null where it is not.</summary>
        public DateTimeOffset? NextTry { get; init; }

        public string Words => $"{Reason}{(Reason.EndsWith('.') ? " " : "; ")}{Remedy}";
    }
}
