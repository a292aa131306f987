using System.Collections.Frozen;
using System.Collections.Immutable;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>Of whom it is asked, one after the other.</summary>
internal sealed partial class Exchange
{
    /// <summary>Null as long as the first who is asked answers.</summary>
    private Detour? _detour;

    /// <summary>Whom routing looks for: the model that the request names, one of those that its name stands for, or a cloud's in place of that.</summary>
    public BodyFacts Wanted => _detour?.Elsewhere ?? _detour?.Wanted ?? facts;

    /// <summary>Of models that are asked where the one that is looked for does not answer.</summary>
    public ImmutableArray<string> OtherNames => _detour?.OtherNames ?? [];

    public bool HasNextName => !Answering && _detour is { OtherNames.IsEmpty: false };

    /// <summary>All that it was to be asked of here: what is private among it keeps it from clouds. Null is whatever helix chooses.</summary>
    public IEnumerable<string?> Names => [facts.Model, _detour?.Wanted?.Model ?? facts.Model, .. _detour?.Passed ?? []];

    /// <summary>A cloud is asked in place of the model that was asked for.</summary>
    public bool IsElsewhere => _detour is { Elsewhere: not null };

    /// <summary>One was thought of before, whether it was asked then or not: that comes once.</summary>
    public bool WasElsewhere
    {
        get => _detour is { WasElsewhere: true };
        set => Remembered.WasElsewhere = value;
    }

    /// <summary>Why the cloud that was asked last did not answer; null where none was, or it said so itself.</summary>
    public GatewayError? CloudError
    {
        get => _detour?.CloudError;
        set => Remembered.CloudError = value;
    }

    /// <summary>For so long it waited for a place.</summary>
    public TimeSpan Waited
    {
        get => _detour?.Waited ?? TimeSpan.Zero;
        set => Remembered.Waited = value;
    }

    /// <summary>Names of the instances that had it and did not answer.</summary>
    public IReadOnlySet<string> Tried => _detour?.Tried ?? (IReadOnlySet<string>)FrozenSet<string>.Empty;

    /// <summary>How often it was sent to a backend.</summary>
    public int Tries { get; private set; }

    /// <summary>Of the fleet's models, the one that is to answer; null while none is found.</summary>
    public string? Model { get; set; }

    /// <summary>The first refusal that others might not repeat: what the client is told where they do.</summary>
    public HeldRefusal? Held => _detour?.Held;

    /// <summary>Of the backend that it was sent to last; null before.</summary>
    private string? Provider { get; set; }

    /// <summary>The machine on which that is, as the response's header says it; null where none was asked.</summary>
    private string? Node => Provider is not null && _by is not null ? HeaderWords.NodeOf(_by.Backend.Endpoint) : null;

    /// <summary>Why it went where it went last, in one word; null where there was no choice.</summary>
    private string? TakenFor => _by is { Candidates: > 1 } ? RouteWords.Word(_by.For) : null;

    /// <remarks>Two who are asked for the same answer may find something to remember at one moment.</remarks>
    private Detour Remembered => LazyInitializer.EnsureInitialized(ref _detour, static () => new Detour());

    /// <summary>It had the request, and is not asked again.</summary>
    public void NoteTried(Backend backend) => (Remembered.Tried ??= []).Add(backend.Instance);

    /// <summary>It may have it once more.</summary>
    public void MayBeTried(Backend backend) => _detour?.Tried?.Remove(backend.Instance);

    public void AllMayBeTried() => _detour?.Tried?.Clear();

    /// <param name="names">Models, in the order in which they are asked; empty where its name is one itself.</param>
    public void StandsFor(ImmutableArray<string> names)
    {
        if (!names.IsEmpty) (Remembered.Wanted, Remembered.OtherNames) = (facts with { Model = names[0] }, names[1..]);
    }

    /// <summary>Models were compared for it.</summary>
    /// <returns>Their names, the best first.</returns>
    public ImmutableArray<string> InOrder(OrderedModels order)
    {
        Remembered.Contests = [.. Remembered.Contests, .. order.Contests];
        return order.Names;
    }

    /// <summary>The comparison of models that a backend came out of as the best; null for none.</summary>
    public ModelContest? WonBy(Backend backend)
    {
        if (_detour is null) return null;
        foreach (var contest in _detour.Contests)
            if (contest.Winner.Instance == backend.Instance) return contest;
        return null;
    }

    /// <summary>The model that was asked for will not answer.</summary>
    /// <param name="isPutOff">It may be asked after all others once more.</param>
    /// <returns>Whether there is another to ask.</returns>
    public bool NextName(bool isPutOff = false)
    {
        if (!HasNextName) return false;
        var name = Wanted.Model!;
        var passed = Remembered.Passed ??= [];
        passed.Add(name);
        // which of them the name meant
        if (Model is { } found && found != name) passed.Add(found);
        StandsFor(isPutOff ? OtherNames.Add(name) : OtherNames);
        Place?.Leave(0);
        (Place, Provider) = (null, null);
        AllMayBeTried();
        return true;
    }

    /// <summary>A part of its answer is this model's: it is looked for by its name from here on, whatever <c>auto</c> may mean by then.</summary>
    private void StayWithModel()
    {
        if (Model is not { } found || !Routing.IsAuto(Wanted.Model)) return;
        var name = Wanted.Model ?? "";
        Remembered.Wanted = facts with { Model = name[..(name.LastIndexOf('/') + 1)] + found };
    }

    /// <summary>It was to be asked of this model, which cannot be served.</summary>
    public void NoteFailed(ServedModel model)
    {
        var passed = Remembered.Passed ??= [];
        if (!passed.Contains(model.Id)) passed.Add(model.Id);
    }

    /// <param name="now">The timestamp of this moment.</param>
    public void NoteTry(ServedModel model, Chosen chosen, long now)
    {
        (Tries, Model) = (Tries + 1, model.Id);
        if (Other is not null) Other.Sent = time.GetElapsedTime(_began, now);
        IsAnsweredBy(chosen);
        if (chosen.Backend.Cloud is null) return;
        (Remembered.Clouds ??= []).Add(chosen.Backend.Instance);
        CloudError = null;
    }

    /// <summary>A cloud is asked once, whatever name leads to it again.</summary>
    public bool HadAtCloud(ServedModel model) => _detour is { Clouds: { } clouds } && clouds.Contains(model.Backends[0].Instance);

    public void IsAnsweredBy(Chosen chosen) => (Provider, _by) = (chosen.Backend.Provider, chosen);

    public void Hold(HeldRefusal refusal) => Remembered.Held ??= refusal;

    /// <summary>A cloud is to answer in place of the model that was asked for: it takes no place here, and what it says is not kept as the other's.</summary>
    /// <param name="name">Of the cloud's model.</param>
    public void GoElsewhere(string name)
    {
        var detour = Remembered;
        (detour.Elsewhere, detour.HeldHere, detour.Held) = (facts with { Model = name }, Held, null);
        Place?.Leave(0);
        Place = null;
        Record?.End(isWhole: false);
        AllMayBeTried();
    }

    /// <summary>The cloud did not take it; what it said does not count.</summary>
    public void ComeBack()
    {
        var detour = Remembered;
        (detour.Elsewhere, detour.Held) = (null, detour.HeldHere);
        AllMayBeTried();
    }

    /// <summary>What is remembered of a request that is not simply answered by the first who is asked.</summary>
    private sealed class Detour
    {
        /// <summary>One of the models that its name stands for; null where it is one itself.</summary>
        public BodyFacts? Wanted { get; set; }

        /// <summary>A cloud's in place of that; null while none is asked.</summary>
        public BodyFacts? Elsewhere { get; set; }

        public bool WasElsewhere { get; set; }

        public GatewayError? CloudError { get; set; }

        public TimeSpan Waited { get; set; }

        public ImmutableArray<string> OtherNames { get; set; } = [];

        /// <summary>Models that did not answer.</summary>
        public List<string>? Passed { get; set; }

        /// <summary>Names of instances that had it: clouds, each of which is asked once, and any.</summary>
        public HashSet<string>? Clouds { get; set; }

        public HashSet<string>? Tried { get; set; }

        public HeldRefusal? Held { get; set; }

        /// <summary>Before a cloud was asked.</summary>
        public HeldRefusal? HeldHere { get; set; }

        public ImmutableArray<ModelContest> Contests { get; set; } = [];

        /// <summary>What was said of the answer, for a backend that goes on from there; null where none does, or one repeats it.</summary>
        public string? Given { get; set; }

        /// <summary>When a sign of life was given last while another engine catches up; null where none was.</summary>
        public long? Signed { get; set; }
    }
}
