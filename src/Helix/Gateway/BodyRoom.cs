namespace Helix.Gateway;

/// <summary>Counts the bytes of all bodies that are held in memory together. Those count that have come: what is only announced may come slowly, or never.</summary>
internal sealed class BodyRoom
{
    private long _held;

    /// <param name="most">That may be held together.</param>
    /// <returns>Whether there is room; where there is none, nothing is counted.</returns>
    public bool Take(long bytes, long most)
    {
        if (Interlocked.Add(ref _held, bytes) <= most) return true;
        Leave(bytes);
        return false;
    }

    public void Leave(long bytes) => Interlocked.Add(ref _held, -bytes);
}
