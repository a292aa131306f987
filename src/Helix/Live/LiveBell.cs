namespace Helix.Live;

/// <summary>Rung by whoever has changed something that a part of the dashboard shows: it is read again at once, while somebody looks.</summary>
internal sealed class LiveBell
{
    private Action<string> _heard = static _ => { };

    /// <summary>Returns at once.</summary>
    /// <param name="section">Name of the part.</param>
    public void Ring(string section) => Volatile.Read(ref _heard)(section);

    /// <summary>Told of each ring from now on, on the thread that rings.</summary>
    public void Hear(Action<string> heard) => Volatile.Write(ref _heard, heard);
}
