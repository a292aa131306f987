using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Helix.Core.Telemetry;

namespace Helix.Telemetry;

/// <summary>How often a figure was how large. One writer at a time, and any number of readers meanwhile.</summary>
internal sealed class BucketCounts(Measure measure)
{
    private readonly long[] _counts = new long[measure.Marks.Length + 1];
    private long _sum;

    /// <summary>Of all values, in whole numbers.</summary>
    public long Sum => Interlocked.Read(ref _sum);

    /// <param name="value">In whole numbers: ticks of a time, or what is counted.</param>
    public void Add(long value)
    {
        var marks = measure.Marks;
        var at = 0;
        while (at < marks.Length && value > marks[at]) at++;
        _counts[at]++;
        _sum += value;
    }

    /// <summary>One more than there are bounds.</summary>
    public ImmutableArray<long> Read()
    {
        var counts = new long[_counts.Length];
        for (var at = 0; at < counts.Length; at++) counts[at] = Interlocked.Read(ref _counts[at]);
        return ImmutableCollectionsMarshal.AsImmutableArray(counts);
    }

    /// <summary>Writes nothing where nothing was counted.</summary>
    public void WriteTo(ExpositionText text, Labels labels, Labels more)
    {
        Span<long> counts = stackalloc long[_counts.Length];
        var any = 0L;
        for (var at = 0; at < counts.Length; at++) any |= counts[at] = Interlocked.Read(ref _counts[at]);
        if (any != 0) text.Histogram(labels, more, measure.Bounds.AsSpan(), counts, measure.InUnit(Sum));
    }
}
