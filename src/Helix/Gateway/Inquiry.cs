using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>What keeps a request from going to a backend at this moment.</summary>
internal enum Stop
{
    /// <summary>Nothing: it was sent.</summary>
    No,

    /// <summary>The cloud that was to answer in place of another model is none any more.</summary>
    CloudIsGone,

    /// <summary>It cannot be put into words that the model knows.</summary>
    Fault,

    /// <summary>No model can be asked now.</summary>
    NotServed,

    /// <summary>Only the model that helix writes itself is there, and a cloud may answer in its place.</summary>
    SelfTest,

    /// <summary>Only its length is asked for, which no cloud is paid to tell.</summary>
    Counted,

    /// <summary>A cloud had it already, or would have to go on with what another one began.</summary>
    WasPaid,

    /// <summary>Nobody who is there goes on from what was said of its answer.</summary>
    NobodyGoesOn,

    /// <summary>Nobody who is there knows a parameter of it.</summary>
    Unknown,

    /// <summary>Others are before it.</summary>
    NoPlace,
    FleetChanged,
    AllTried,
}

/// <summary>How far a request came at one moment.</summary>
internal readonly record struct RequestWay(HelixConfig Config, FleetSnapshot Snapshot, ModelChoice Choice)
{
    public Stop Stop { get; init; }

    /// <summary>With those of its backends that may be asked; null where it did not come so far.</summary>
    public ServedModel? Model { get; init; }

    /// <summary>To whom it was sent; null for nobody.</summary>
    public Chosen? Chosen { get; init; }

    /// <summary>What it has to wait with; null where it does not have to.</summary>
    public Place? Waits { get; init; }

    public UnknownParameters? Unknown { get; init; }

    /// <summary>Clouds' models of which one might be asked in place of what was found; null for none.</summary>
    public ImmutableArray<string>? StandIn { get; init; }

    /// <summary>The provider that was asked for by name; null for whoever serves the model.</summary>
    public string? Provider => (Choice as ModelChoice.Send)?.Provider;
}

/// <summary>What becomes of a request that was not answered at once.</summary>
internal abstract record Turn
{
    private Turn() { }

    /// <summary>It is looked again who can answer.</summary>
    internal sealed record Again : Turn
    {
        public static Again Instance { get; } = new();
    }

    /// <summary>The client has its answer or its error, or has left.</summary>
    internal sealed record Over : Turn
    {
        public static Over Instance { get; } = new();
    }

    /// <summary>Why nobody has answered; the client was told nothing of it.</summary>
    internal sealed record Unanswered(GatewayError? Error, HeldRefusal? Refusal = null) : Turn;
}

/// <summary>What has to be remembered of a request that was not answered at once.</summary>
internal sealed class Inquiry
{
    /// <summary>An engine that died of a request alone counts so much; where it answered others too, it counts one.</summary>
    public const int BlameAlone = 2;

    private Turn.Unanswered? _told;

    /// <summary>Clouds' models of which one may answer in place of what was asked for; null for none.</summary>
    public ImmutableArray<string>? StandIn { get; set; }

    /// <summary>Null until it waits for something.</summary>
    public ModelWait? Wait { get; set; }

    /// <summary>The try that failed last; null where the fleet has noticed since.</summary>
    public (FleetSnapshot Before, Backend Backend, AttemptEnd End)? Last { get; set; }

    /// <summary>Engines that died on it, whatever model it was asked of.</summary>
    public List<(string Instance, int Blame)> Deaths { get; } = [];

    /// <summary>Another model is asked.</summary>
    public void Begin(ImmutableArray<string>? standIn) => (StandIn, Wait, Last) = (standIn, null, null);

    /// <summary>The cloud did not take it: what was asked for is waited for, as if there were none.</summary>
    public void Home(Exchange exchange)
    {
        exchange.ComeBack();
        Wait = null;
    }

    /// <summary>All may be asked once more.</summary>
    public void Forget(Exchange exchange)
    {
        Last = null;
        exchange.AllMayBeTried();
    }

    public void Blame(Chosen chosen, AttemptEnd end)
    {
        // no request kills a cloud
        if (end is AttemptEnd.DiedAlone or AttemptEnd.Died && chosen.Backend.Cloud is null) Deaths.Add((chosen.Backend.Instance, end == AttemptEnd.DiedAlone ? BlameAlone : 1));
    }

    /// <summary>That one of several is not there at all says less than why another did not answer.</summary>
    /// <returns>What its client is told, if nobody answers.</returns>
    public Turn.Unanswered Tell(Turn.Unanswered unanswered)
    {
        if (_told is null or { Error.Status: StatusCodes.Status404NotFound }) _told = unanswered;
        return _told;
    }
}
