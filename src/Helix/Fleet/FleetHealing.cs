using System.Collections.Immutable;
using Helix.Core.Fleet;
using Helix.Core.Healing;
using Helix.Core.Planning;

namespace Helix.Fleet;

/// <summary>What the fleet itself does about faults: it makes smaller what ran out of memory.</summary>
internal sealed partial class Fleet
{
    /// <summary>Whoever ran out of memory at every size cannot be made smaller still.</summary>
    private const int MostTimes = 8;

    /// <summary>By the names of instances: how often they ran out of memory.</summary>
    private ImmutableDictionary<string, int> _shrunk;

    /// <summary>Told of every fault of an instance, on the fleet's own loop: return at once.</summary>
    public Action<InstanceStatus> OnFault { get; init; } = _ => { };

    /// <summary>The cause of a provider's faults was dealt with: no more waiting, and no old failures.</summary>
    public void Nudge(string provider, string why) => _inbox.Writer.TryWrite(new Message.Nudge(provider, why));

    /// <summary>Ends what runs of a provider, and starts it anew: what it runs from, or how, is not to be trusted any more.</summary>
    public void Renew(string provider) => _inbox.Writer.TryWrite(new Message.Renew(provider));

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

    private void TakeRenew(string provider)
    {
        foreach (var post in _posts.Values.Where(post => post.Seat.Provider == provider)) post.Supervisor.Tell(new Happening.Outdated());
    }
}
