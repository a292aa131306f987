namespace Helix.Engine.Scheduling;

/// <summary>What a thread is told by others; it alone takes.</summary>
internal sealed class Inbox<T>
{
    // protects the fields; the thread waits on it with Monitor, which System.Threading.Lock cannot
    private readonly object _lock = new();
    private Queue<T> _mail = new();
    private bool _nudged;
    private bool _closed;

    /// <summary>False if nobody will take it any more.</summary>
    public bool Post(T message)
    {
        lock (_lock)
        {
            if (_closed)
                return false;
            _mail.Enqueue(message);
            Monitor.Pulse(_lock);
            return true;
        }
    }

    /// <summary>Wakes the thread without a message.</summary>
    public void Nudge()
    {
        lock (_lock)
        {
            _nudged = true;
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Everything there is, perhaps nothing.</summary>
    /// <param name="wait">Wait until there is a message or a nudge.</param>
    public Queue<T> Take(Queue<T> empty, bool wait)
    {
        lock (_lock)
        {
            while (wait && _mail.Count == 0 && !_nudged)
                Monitor.Wait(_lock);
            _nudged = false;
            (empty, _mail) = (_mail, empty);
            return empty;
        }
    }

    /// <summary>Takes no more; what is still there is given back.</summary>
    public Queue<T> Close()
    {
        lock (_lock)
        {
            _closed = true;
            return _mail;
        }
    }
}
