namespace Helix.Core.Models;

/// <summary>What a look at the first bytes of a GGUF file came to.</summary>
internal abstract record GgufReading
{
    private GgufReading() { }

    /// <summary>The prefix was too short. Read again with at least <paramref name="Bytes"/> bytes from the start; never more than the file has.</summary>
    internal sealed record NeedMore(long Bytes) : GgufReading;

    /// <summary>A model that an engine may be given.</summary>
    internal sealed record Model(ModelFacts Facts) : GgufReading;

    /// <summary>A later part of a model in several files: nothing by itself.</summary>
    /// <param name="Number">Counted from 0 as in the file; the first part is a <see cref="Model"/>.</param>
    internal sealed record Part(int Number, int Count, long Parameters) : GgufReading;

    /// <summary>No engine should see this file.</summary>
    /// <param name="Reason">A sentence for the user.</param>
    /// <param name="Offset">Where in the file, in bytes.</param>
    internal sealed record Bad(string Reason, long Offset) : GgufReading;
}
