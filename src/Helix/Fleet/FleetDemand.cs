using Helix.Core.Fleet;
using Helix.Core.Planning;

namespace Helix.Fleet;

/// <summary>What the fleet knows of those who want a model.</summary>
internal sealed partial class Fleet
{
    /// <summary>Whoever waited for a model sends his request as soon as it is ready: after this time nobody waited.</summary>
    private static readonly TimeSpan s_firstRequest = TimeSpan.FromSeconds(2);

    /// <summary>A large model on a small processor may write for long; nothing writes for ever.</summary>
    private static readonly TimeSpan s_longestFinish = TimeSpan.FromHours(1);

    /// <summary>Requests may wait so long for an engine's last answers: shorter than they wait for a model.</summary>
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_untilDrain = TimeSpan.FromMinutes(1);

    private void Note(string model, string? provider)
    {
        var (key, now) = (new Seat(provider ?? "", model), _tools.Time.GetUtcNow());
        var waits = _demands.TryGetValue(key, out var known) && now - known.LastUsed < FleetPlan.WaitsFor ? known.WaitingSince : null;
        _demands[key] = new Demand(model, now, provider) { WaitingSince = waits ?? now };
    }

    /// <summary>What the gateway saw of the use of each instance: it keeps a model awake.</summary>
    private void NoteUse()
    {
        foreach (var post in _posts.Values)
        {
            // who waited for it has had the time to ask, or has left
            if (post.Life is { Phase: Phase.Ready, ReadySince: { } ready } && _tools.Time.GetUtcNow() - ready >= s_firstRequest && _demands.TryGetValue(KeyOf(post.Seat), out var waited) && waited.WaitingSince is not null)
                _demands[KeyOf(post.Seat)] = waited with { WaitingSince = null };
            if (_tools.Tokens.Of(post.Seat.Name).LastToken is not { } used) continue;
            var key = KeyOf(post.Seat);
            if (!_demands.TryGetValue(key, out var known) || known.LastUsed < used) _demands[key] = new Demand(post.Seat.Model, used, key.Provider.Length > 0 ? key.Provider : null);
        }
    }

    /// <summary>It is being started for somebody who waits, or is just ready for him. One that failed before gives way.</summary>
    private bool IsComing(Post post)
    {
        var now = _tools.Time.GetUtcNow();
        if (post.IsLeaving || post.Life is not { Wanted: true, FailedStarts: 0 } life) return false;
        if (!_demands.TryGetValue(KeyOf(post.Seat), out var demand) || demand.WaitingSince is null || now - demand.LastUsed >= FleetPlan.WaitsFor) return false;
        return life.Phase == Phase.Starting || (life is { Phase: Phase.Ready, ReadySince: { } since } && now - since < s_firstRequest);
    }

    /// <summary>
    /// Another release, or other settings, are to take its place, but it is answering: it is sent nothing new, and ends when it is done. Nobody waits long
    /// behind a long answer: after a while it goes on as before, and it is tried again later.
    /// </summary>
    private bool MayFinish(Post post)
    {
        var now = _tools.Time.GetUtcNow();
        if (_plan.Of(post.Seat) is not Placement.Run || post.Life is not { Wanted: true } || _tools.Tokens.Of(post.Seat.Name).InFlight == 0 || now - (post.OutdatedSince ?? now) >= s_longestFinish) return false;
        if (post.FinishesSince is { } since && now - since >= s_drain) post.GoesOn(now + s_untilDrain);
        else post.Finish(now);
        return true;
    }

    /// <summary>Who asked for the model does not mind where it is served; who named a provider does.</summary>
    private Seat KeyOf(Seat seat) => _demands.ContainsKey(seat) ? seat : new Seat("", seat.Model);
}
