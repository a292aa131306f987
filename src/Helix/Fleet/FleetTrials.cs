using System.Collections.Immutable;
using Helix.Core.Planning;

namespace Helix.Fleet;

/// <summary>What the fleet is told of those who try and measure: memory that they take beside the plan, and engines that are not to blame for what is tried on them.</summary>
internal sealed partial class Fleet
{
    private readonly HashSet<Seat> _tried = [];
    private ImmutableDictionary<object, Seating> _reserved = ImmutableDictionary<object, Seating>.Empty;

    /// <summary>Memory that is used beside the plan, until the returned is disposed of.</summary>
    public IDisposable Reserve(Seating seating) => new Told(this, key => new Message.Reserved(key, seating), static key => new Message.Reserved(key, null));

    /// <summary>Until the returned is disposed of, faults of an engine are the fault of what is tried on it: it is started again, and nothing else follows.</summary>
    public IDisposable Trying(Seat seat) => new Told(this, _ => new Message.Tried(seat, true), _ => new Message.Tried(seat, false));

    private void TakeTrial(Message message)
    {
        switch (message)
        {
            case Message.Reserved(var key, { } seating): _reserved = _reserved.SetItem(key, seating); break;
            case Message.Reserved(var key, null): _reserved = _reserved.Remove(key); break;
            case Message.Tried(var seat, true): _tried.Add(seat); break;
            case Message.Tried(var seat, false): _tried.Remove(seat); break;
        }
    }

    private sealed class Told : IDisposable
    {
        private readonly Fleet _fleet;
        private readonly Func<object, Message> _over;

        public Told(Fleet fleet, Func<object, Message> begun, Func<object, Message> over)
        {
            (_fleet, _over) = (fleet, over);
            fleet._inbox.Writer.TryWrite(begun(this));
        }

        public void Dispose() => _fleet._inbox.Writer.TryWrite(_over(this));
    }
}
