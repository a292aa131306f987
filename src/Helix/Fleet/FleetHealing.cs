using System.Collections.Immutable;
using Helix.Core.Fleet;
using Helix.Core.Healing;
using Helix.Core.Planning;

namespace Helix.Fleet;

/// <summary>What the fleet itself does about faults: it makes smaller what ran out of memory, and leaves alone for a while what failed again and again.</summary>
internal sealed partial class Fleet
{
    /// <summary>Whoever ran out of memory at every size cannot be made smaller still.</summary>
    private const int MostTimes = 8;

    /// <summary>For so long after a seat failed again and again, another provider serves the model, where one can.</summary>
    private static readonly TimeSpan s_brokenFor = TimeSpan.FromMinutes(15);

    /// <summary>What failed again and again, or went down while nobody was to bring it back, and when.</summary>
    private readonly Dictionary<Seat, DateTimeOffset> _broken = [];

    /// <summary>Of those, the ones whose model another provider serves meanwhile, as they are told until they are tried again.</summary>
    private readonly Dictionary<Seat, InstanceStatus> _down = [];

    /// <summary>By the names of instances: how often they ran out of memory.</summary>
    private ImmutableDictionary<string, int> _shrunk;

    /// <summary>Told of every fault of an instance, on the fleet's own loop: return at once.</summary>
    public Action<InstanceStatus> OnFault { get; init; } = _ => { };

    /// <summary>The cause of a provider's faults was dealt with: no more waiting, and no old failures.</summary>
    public void Nudge(string provider, string why) => _inbox.Writer.TryWrite(new Message.Nudge(provider, why));

    /// <summary>Every engine that serves is looked at now, not only when it is its time.</summary>
    public void LookNow() => _inbox.Writer.TryWrite(new Message.LookNow());

    private ImmutableDictionary<Seat, int> Shrunk() => _shrunk.IsEmpty ? ImmutableDictionary<Seat, int>.Empty
        : Providers().SelectMany(provider => _inputs.Models.Select(model => new Seat(provider.Plan.Id, model.Id))).Where(seat => _shrunk.ContainsKey(seat.Name)).ToImmutableDictionary(seat => seat, seat => _shrunk[seat.Name]);

    private void TakeFault(Post post, InstanceStatus status, Life life)
    {
        OnFault(status);
        if (life.Diagnosis is { Remedy: Remedy.SmallerPlan }) Shrink(_shrunk.SetItem(post.Seat.Name, Math.Min(MostTimes, _shrunk.GetValueOrDefault(post.Seat.Name) + 1)));
    }

    /// <summary>Who asks for a provider by name may have made room: it is tried at its full size again.</summary>
    private void Grow(string provider) => Shrink(_shrunk.RemoveRange(_shrunk.Keys.Where(name => name.StartsWith(provider + "-", StringComparison.Ordinal))));

    private void Shrink(ImmutableDictionary<string, int> shrunk)
    {
        if (shrunk == _shrunk) return;
        _shrunk = shrunk;
        _tools.NoteShrunk(shrunk);
    }

    private void TakeNudge(string provider, string why)
    {
        foreach (var seat in _broken.Keys.Where(seat => seat.Provider == provider).ToArray()) _broken.Remove(seat);
        foreach (var post in _posts.Values.Where(post => post.Seat.Provider == provider)) post.Supervisor.Tell(new Happening.Nudged(why));
    }

    /// <summary>After a while it is tried again; where nobody is to bring it back, only when somebody says so. What may not run at all was turned off: it begins anew.</summary>
    private void Forgive()
    {
        var now = _tools.Time.GetUtcNow();
        foreach (var (seat, since) in _broken.ToArray())
            if (_plan.Of(seat) is not (Placement.Run or Placement.Rest) || (_inputs.Config.Health.AutoRecovery && now - since >= s_brokenFor)) _broken.Remove(seat);
    }

    /// <summary>What went down and gives way to another provider does not rest: it is told as down.</summary>
    private void TellTransition(Post post, InstanceStatus status, LifeDecision? decision)
    {
        var before = _down.GetValueOrDefault(post.Seat) ?? post.Status;
        if (before is { State: ProviderState.Critical } && status.State == ProviderState.Standby && IsMissed(post.Seat))
        {
            _down.TryAdd(post.Seat, before);
            return;
        }

        if (status.State == ProviderState.Standby) Rest(post.Seat);
        else _down.Remove(post.Seat);
        if (before?.State != status.State) OnTransition(before, status, decision);
    }

    /// <summary>It would be wanted if it had not failed: its model runs elsewhere, or waits there for memory.</summary>
    private bool IsMissed(Seat seat) =>
        _broken.ContainsKey(seat) && _plan.Of(seat) is Placement.Rest && _plan.Served.TryGetValue(seat.Model, out var serving) && serving != seat && _plan.Of(serving) is Placement.Run or Placement.Rest { Alone: null }
        && FleetPlan.Make(PlanInputs() with { Broken = [.. _broken.Keys.Where(other => other != seat)] }).Served.TryGetValue(seat.Model, out var otherwise) && otherwise == seat;

    /// <summary>What is not wanted any more rests like any other.</summary>
    private void TellAtRest()
    {
        foreach (var (seat, down) in _down.Where(each => _plan.Of(each.Key) is not Placement.Run && !IsMissed(each.Key)).ToArray())
        {
            Rest(seat);
            OnTransition(down, down with { State = ProviderState.Standby, Reason = _plan.Of(seat)?.WhyNot ?? "no longer planned", Remedy = null, NextStart = null, Since = _tools.Time.GetUtcNow() }, null);
        }
    }

    /// <summary>What nobody wants and is not told as down is not left alone for ever, either: who asks for it wakes it.</summary>
    private void Rest(Seat seat)
    {
        _down.Remove(seat);
        if (!_inputs.Config.Health.AutoRecovery) _broken.Remove(seat);
    }

    /// <param name="supervised">What supervisors say.</param>
    private ImmutableArray<InstanceStatus> WithDown(ImmutableArray<InstanceStatus> supervised)
    {
        // one that was hired anew speaks for itself, as soon as it has said something
        var down = _down.Where(each => _posts.GetValueOrDefault(each.Key.Name)?.Status is null or { State: ProviderState.Standby }).Select(each => Shown(each.Key, each.Value)).ToArray();
        return down.Length == 0 ? supervised : [.. supervised.Where(each => down.All(other => other.Name != each.Name)).Concat(down).OrderBy(each => each.Name, StringComparer.Ordinal)];
    }

    /// <summary>As readers see it at this moment: who serves its model meanwhile, and whether it is tried again, may have changed since it went down.</summary>
    private InstanceStatus Shown(Seat seat, InstanceStatus down)
    {
        // whoever waits for its start must not take what was for what came of it
        if (_plan.Of(seat) is Placement.Run) return down with { State = ProviderState.Recovering, Reason = $"about to be started again: {down.Reason}", Remedy = null, NextStart = null };
        var (serving, recovers) = (_plan.Served.GetValueOrDefault(seat.Model), _inputs.Config.Health.AutoRecovery);
        return down with
        {
            Reason = _posts.GetValueOrDefault(serving.Name)?.Status is { State: ProviderState.Critical } ? down.Reason : $"{down.Reason}; meanwhile {serving.Provider} serves {seat.Model}",
            Remedy = recovers ? down.Remedy : FleetView.RemedyOfOff(seat.Provider),
            NextStart = recovers && _broken.TryGetValue(seat, out var since) ? since + s_brokenFor : null,
        };
    }
}
