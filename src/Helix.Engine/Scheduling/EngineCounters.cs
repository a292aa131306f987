namespace Helix.Engine.Scheduling;

/// <summary>What the scheduler has done; written by its thread, read by anyone.</summary>
internal sealed class EngineCounters
{
    private long _prompt;
    private long _cached;
    private long _completion;
    private long _running;
    private long _waiting;
    private long _kept;

    public long PromptTokens => Volatile.Read(ref _prompt);

    public long CachedTokens => Volatile.Read(ref _cached);

    public long CompletionTokens => Volatile.Read(ref _completion);

    public long Running => Volatile.Read(ref _running);

    public long Waiting => Volatile.Read(ref _waiting);

    /// <summary>Tokens whose state is in memory, of running and of finished answers.</summary>
    public long KeptTokens => Volatile.Read(ref _kept);

    /// <summary>Seconds from the question to the first token of its answer.</summary>
    public SecondsHistogram FirstToken { get; } = new(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60);

    /// <summary>Seconds of one step, in which each writing answer gets one token.</summary>
    public SecondsHistogram Step { get; } = new(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5);

    /// <summary>Seconds from the question to the end of its answer.</summary>
    public SecondsHistogram Answer { get; } = new(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300);

    internal void CountPrompt(int tokens, int cached)
    {
        Volatile.Write(ref _prompt, _prompt + tokens);
        Volatile.Write(ref _cached, _cached + cached);
    }

    internal void CountCompletion() => Volatile.Write(ref _completion, _completion + 1);

    internal void Show(int running, int waiting, long kept)
    {
        Volatile.Write(ref _running, running);
        Volatile.Write(ref _waiting, waiting);
        Volatile.Write(ref _kept, kept);
    }
}

/// <summary>Counts durations by size. One writer, any readers.</summary>
/// <param name="bounds">Upper bounds in seconds, growing.</param>
internal sealed class SecondsHistogram(params double[] bounds)
{
    private readonly long[] _counts = new long[bounds.Length + 1];
    private double _sum;

    public IReadOnlyList<double> Bounds => bounds;

    public double Sum => Volatile.Read(ref _sum);

    /// <summary>Durations within a bound and above the one before; the last place counts those above all bounds.</summary>
    public long CountAt(int index) => Volatile.Read(ref _counts[index]);

    internal void Add(double seconds)
    {
        var place = 0;
        while (place < bounds.Length && seconds > bounds[place])
            place++;
        Volatile.Write(ref _counts[place], _counts[place] + 1);
        Volatile.Write(ref _sum, _sum + seconds);
    }
}
