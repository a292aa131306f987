using System.Collections.Frozen;
using System.Collections.Immutable;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>Of whom it is asked, one after the other.</summary>
internal sealed partial class Exchange
{
    private BodyFacts? _wanted;
    private BodyFacts? _elsewhere;
    private List<string>? _passed;
    private HashSet<string>? _clouds;
    private HashSet<string>? _tried;
    private HeldRefusal? _heldHere;
    private ImmutableArray<ModelContest> _contests = [];

    /// <summary>Whom routing looks for: the model that the request names, one of those that its name stands for, or a cloud's in place of that.</summary>
    public BodyFacts Wanted => _elsewhere ?? _wanted ?? facts;

    /// <summary>Of models that are asked where the one that is looked for does not answer.</summary>
    public ImmutableArray<string> OtherNames { get; private set; } = [];

    public bool HasNextName => !Answering && !OtherNames.IsEmpty;

    /// <summary>All that it was to be asked of here: what is private among it keeps it from clouds. Null is whatever helix chooses.</summary>
    public IEnumerable<string?> Names => [facts.Model, _wanted?.Model ?? facts.Model, .. _passed ?? []];

    /// <summary>A cloud is asked in place of the model that was asked for.</summary>
    public bool IsElsewhere => _elsewhere is not null;

    /// <summary>One was thought of before, whether it was asked then or not: that comes once.</summary>
    public bool WasElsewhere { get; set; }

    /// <summary>Why the cloud that was asked last did not answer; null where none was, or it said so itself.</summary>
    public GatewayError? CloudError { get; set; }

    /// <summary>Names of the instances that had it and did not answer.</summary>
    public IReadOnlySet<string> Tried => _tried ?? (IReadOnlySet<string>)FrozenSet<string>.Empty;

    /// <summary>How often it was sent to a backend.</summary>
    public int Tries { get; private set; }

    /// <summary>Of the fleet's models, the one that is to answer; null while none is found.</summary>
    public string? Model { get; set; }

    /// <summary>The first refusal that others might not repeat: what the client is told where they do.</summary>
    public HeldRefusal? Held { get; private set; }

    /// <summary>Of the backend that it was sent to last; null before.</summary>
    private string? Provider { get; set; }

    /// <summary>The machine on which that is, as the response's header says it; null where none was asked.</summary>
    private string? Node { get; set; }

    /// <summary>Why it went where it went last, in one word; null where there was no choice.</summary>
    private string? TakenFor { get; set; }

    /// <summary>It had the request, and is not asked again.</summary>
    public void NoteTried(Backend backend) => (_tried ??= []).Add(backend.Instance);

    /// <summary>It may have it once more.</summary>
    public void MayBeTried(Backend backend) => _tried?.Remove(backend.Instance);

    public void AllMayBeTried() => _tried?.Clear();

    /// <param name="names">Models, in the order in which they are asked; empty where its name is one itself.</param>
    public void StandsFor(ImmutableArray<string> names)
    {
        if (!names.IsEmpty) (_wanted, OtherNames) = (facts with { Model = names[0] }, names[1..]);
    }

    /// <summary>Models were compared for it.</summary>
    /// <returns>Their names, the best first.</returns>
    public ImmutableArray<string> InOrder(OrderedModels order)
    {
        _contests = [.. _contests, .. order.Contests];
        return order.Names;
    }

    /// <summary>The comparison of models that a backend came out of as the best; null for none.</summary>
    public ModelContest? WonBy(Backend backend)
    {
        foreach (var contest in _contests)
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
        _passed ??= [];
        _passed.Add(name);
        // which of them the name meant
        if (Model is { } found && found != name) _passed.Add(found);
        StandsFor(isPutOff ? OtherNames.Add(name) : OtherNames);
        Place?.Leave(0, isAnswered: false);
        (Place, Provider, Node) = (null, null, null);
        AllMayBeTried();
        return true;
    }

    /// <summary>A part of its answer is this model's: it is looked for by its name from here on, whatever <c>auto</c> may mean by then.</summary>
    private void StayWithModel()
    {
        if (Model is not { } found || !Routing.IsAuto(Wanted.Model)) return;
        var name = Wanted.Model ?? "";
        _wanted = facts with { Model = name[..(name.LastIndexOf('/') + 1)] + found };
    }

    /// <summary>It was to be asked of this model, which cannot be served.</summary>
    public void NoteFailed(ServedModel model)
    {
        _passed ??= [];
        if (!_passed.Contains(model.Id)) _passed.Add(model.Id);
    }

    /// <param name="now">The timestamp of this moment.</param>
    public void NoteTry(ServedModel model, Chosen chosen, long now)
    {
        (Tries, _sent, Model) = (Tries + 1, time.GetElapsedTime(_began, now), model.Id);
        IsAnsweredBy(chosen);
        if (chosen.Backend.Cloud is null) return;
        (_clouds ??= []).Add(chosen.Backend.Instance);
        CloudError = null;
    }

    /// <summary>A cloud is asked once, whatever name leads to it again.</summary>
    public bool HadAtCloud(ServedModel model) => _clouds is { } clouds && clouds.Contains(model.Backends[0].Instance);

    public void IsAnsweredBy(Chosen chosen) =>
        (Provider, Node, TakenFor, _traffic, _pace) = (
            chosen.Backend.Provider, HeaderWords.NodeOf(chosen.Backend.Endpoint), chosen.Candidates > 1 ? RouteWords.Word(chosen.For) : null, chosen.Traffic, chosen.Pace);

    public void Hold(HeldRefusal refusal) => Held ??= refusal;

    /// <summary>A cloud is to answer in place of the model that was asked for: it takes no place here, and what it says is not kept as the other's.</summary>
    /// <param name="name">Of the cloud's model.</param>
    public void GoElsewhere(string name)
    {
        (_elsewhere, _heldHere, Held) = (facts with { Model = name }, Held, null);
        Place?.Leave(0, isAnswered: false);
        Place = null;
        Record?.End(isWhole: false);
        AllMayBeTried();
    }

    /// <summary>The cloud did not take it; what it said does not count.</summary>
    public void ComeBack()
    {
        (_elsewhere, Held) = (null, _heldHere);
        AllMayBeTried();
    }
}
