namespace Helix.Gateway;

/// <summary>Two tries for one answer: the first that has something to say says it, and the other is hung up on.</summary>
internal sealed class Race
{
    private readonly Lock _gate = new();
    private readonly List<(object Try, UpstreamConnection Connection)> _running = [];
    private object? _winner;

    /// <summary>Whose end is told; null where that is the first one's.</summary>
    public Chosen? Asked { get; set; }

    /// <summary>How the first one ended where both were asked in vain; null for any other end.</summary>
    public AttemptEnd? FirstEnd { get; set; }

    public bool IsDecided
    {
        get
        {
            lock (_gate) return _winner is not null;
        }
    }

    public bool IsLostFor(object one)
    {
        lock (_gate) return _winner is not null && !ReferenceEquals(_winner, one);
    }

    /// <returns>Whether this one speaks to the client from here on.</returns>
    public bool Wins(object one)
    {
        lock (_gate)
        {
            if (_winner is not null) return ReferenceEquals(_winner, one);
            _winner = one;
            foreach (var (other, connection) in _running)
                if (!ReferenceEquals(other, one)) connection.Dispose();
            return true;
        }
    }

    public void Enter(object one, UpstreamConnection connection)
    {
        lock (_gate)
        {
            if (_winner is null || ReferenceEquals(_winner, one)) _running.Add((one, connection));
            else connection.Dispose();
        }
    }

    /// <returns>False if it was hung up on, so that the connection is no good any more.</returns>
    public bool Leave(object one)
    {
        lock (_gate)
        {
            _running.RemoveAll(each => ReferenceEquals(each.Try, one));
            return _winner is null || ReferenceEquals(_winner, one);
        }
    }
}
