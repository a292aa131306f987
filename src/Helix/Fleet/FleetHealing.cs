using Helix.Core.Fleet;
using Helix.Core.Healing;
using Helix.Core.Planning;

namespace Helix.Fleet;

/// <summary>What the fleet itself does about faults: it makes smaller what ran out of memory.</summary>
internal sealed partial class Fleet
{
    /// <summary>Whoever ran out of memory at every size cannot be made smaller still.</summary>
    private const int MostTimes = 8;

    private readonly Dictionary<Seat, int> _shrunk = [];

    /// <summary>Told of every fault of an instance, on the fleet's own loop: return at once.</summary>
    public Action<InstanceStatus> OnFault { get; init; } = _ => { };

    /// <summary>The cause of a provider's faults was dealt with: no more waiting, and no old failures.</summary>
    public void Nudge(string provider, string why) => _inbox.Writer.TryWrite(new Message.Nudge(provider, why));

    private void TakeFault(Post post, InstanceStatus status, Life life)
    {
        OnFault(status);
        if (life.Diagnosis is { Remedy: Remedy.SmallerPlan }) _shrunk[post.Seat] = Math.Min(MostTimes, _shrunk.GetValueOrDefault(post.Seat) + 1);
    }

    private void TakeNudge(string provider, string why)
    {
        foreach (var seat in _broken.Keys.Where(seat => seat.Provider == provider).ToArray()) _broken.Remove(seat);
        foreach (var post in _posts.Values.Where(post => post.Seat.Provider == provider)) post.Supervisor.Tell(new Happening.Nudged(why));
    }
}
