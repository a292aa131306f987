using System.Text;
using System.Text.Json;

namespace Helix.Core.Gateway;

/// <summary>How a body becomes the one for the engine: bytes up to <paramref name="Start"/>, then <paramref name="Insert"/>, then the bytes from <paramref name="Resume"/> on.</summary>
internal readonly record struct ModelSplice(int Start, ReadOnlyMemory<byte> Insert, int Resume)
{
    /// <summary>Names the engine's own model in the body, and changes nothing where it is named already.</summary>
    /// <param name="asksUsage">Asks for what a stream took besides; not in a form.</param>
    public static ModelSplice For(BodyFacts facts, string upstreamModel, bool asksUsage = false)
    {
        if (facts.Model == upstreamModel && !asksUsage) return default;
        if (facts.IsForm) return new(facts.ModelStart, Encoding.UTF8.GetBytes(upstreamModel), facts.ModelStart + facts.ModelLength);
        var name = JsonEncodedText.Encode(upstreamModel).EncodedUtf8Bytes;
        var besides = asksUsage ? ",\"stream_options\":{\"include_usage\":true}"u8 : [];
        byte[] insert = facts.ModelLength > 0
            ? [(byte)'"', .. name, (byte)'"', .. besides]
            : [.. "\"model\":\""u8, .. name, (byte)'"', .. besides, .. facts.HasMembers ? ","u8 : []];
        return new(facts.ModelStart, insert, facts.ModelStart + facts.ModelLength);
    }

    public int LengthFor(int bodyLength) => Start + Insert.Length + bodyLength - Resume;
}
