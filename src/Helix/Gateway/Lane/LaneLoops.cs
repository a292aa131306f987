namespace Helix.Gateway.Lane;

/// <summary>The loops of this machine. Whoever comes in stays on one of them, and so do the engines that are asked for him: what belongs to one request seldom changes the thread.</summary>
internal sealed class LaneLoops : IDisposable
{
    /// <summary>Engines need the processors more.</summary>
    private const int Most = 4;

    private int _turn;

    /// <param name="count">How many there are to be.</param>
    public LaneLoops(int count, TimeProvider time) => All = [.. Enumerable.Range(0, count).Select(index => new LaneLoop(time, index))];

    /// <summary>As many as can run at once on this machine, four at most.</summary>
    public static int Fitting => Math.Clamp(Environment.ProcessorCount, 1, Most);

    public LaneLoop[] All { get; }

    /// <summary>The one whose thread this is; null for another thread.</summary>
    public LaneLoop? Here => LaneLoop.Current is { } here && here.Index < All.Length && All[here.Index] == here ? here : null;

    /// <summary>Each in turn.</summary>
    public LaneLoop Next => All[(uint)Interlocked.Increment(ref _turn) % All.Length];

    public void Dispose()
    {
        foreach (var loop in All) loop.Dispose();
    }
}
