using System.Collections.Immutable;

namespace Helix.Core.Models;

/// <summary>What a look at the first bytes of a safetensors file came to.</summary>
internal abstract record SafetensorsReading
{
    private SafetensorsReading() { }

    /// <summary>The prefix was too short. Read again with at least <paramref name="Bytes"/> bytes from the start; never more than the file has.</summary>
    internal sealed record NeedMore(long Bytes) : SafetensorsReading;

    /// <param name="Format">What the writer calls its own: <c>pt</c>, <c>mlx</c>; null where it says nothing.</param>
    internal sealed record Good(ImmutableArray<SafetensorsTensor> Tensors, string? Format) : SafetensorsReading;

    /// <summary>No engine should see this file.</summary>
    internal sealed record Bad(string Reason) : SafetensorsReading;
}

/// <param name="Kind">Of its numbers, as the file writes it: <c>BF16</c>, <c>U32</c> …</param>
internal sealed record SafetensorsTensor(string Name, string Kind, ImmutableArray<long> Shape, long Elements, long Begin, long End)
{
    public long Bytes => End - Begin;
}
