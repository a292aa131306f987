using System.Buffers.Binary;

namespace Helix.Core.Models;

/// <summary>Reads the header of a GGUF file, strictly, before any engine sees it. Source of the format: ggml/docs/gguf.md and gguf.cpp at llama.cpp v0.4.0.</summary>
/// <remarks>
/// Nothing is allocated from a number in the file before the bytes that it counts are known to be there. What llama.cpp would answer
/// with an abort of its process is refused here wherever the header shows it; the rest is what the engine's child process is for.
/// </remarks>
internal static class GgufHeader
{
    private const int FixedBytes = 24;
    private const uint DefaultAlignment = 32;

    /// <param name="prefix">The file's first bytes.</param>
    /// <param name="fileBytes">Length of the whole file.</param>
    public static GgufReading Read(ReadOnlySpan<byte> prefix, long fileBytes)
    {
        if (prefix.Length > fileBytes) prefix = prefix[..(int)fileBytes];
        if (prefix.Length < FixedBytes)
            return fileBytes < FixedBytes ? new GgufReading.Bad($"the file is too small for a model: {fileBytes} bytes", 0) : new GgufReading.NeedMore(FixedBytes);
        if (Foreign(prefix) is { } foreign) return new GgufReading.Bad(foreign, 0);

        var cursor = new GgufCursor(prefix, fileBytes);
        cursor.Skip(8);
        cursor.UInt64(out var tensors);
        cursor.UInt64(out var keys);
        if (GgufMetadata.Read(ref cursor, keys) is not { } values) return cursor.Outcome!;

        var metadata = new GgufMetadata(prefix, values);
        var alignment = metadata.UInt32("general.alignment") ?? DefaultAlignment;
        if (alignment is 0 or > 1 << 20 || (alignment & (alignment - 1)) != 0)
            metadata.Complain($"general.alignment is {alignment}; a power of two up to {1 << 20} is wanted", metadata.OffsetOf("general.alignment"));
        if (Refusal(metadata) is { } early) return early;
        if (GgufTensors.Read(ref cursor, tensors, alignment) is not { } table) return cursor.Outcome!;

        var reading = Interpret(ref metadata, prefix, table);
        return Refusal(metadata) ?? reading;
    }

    private static GgufReading.Bad? Refusal(GgufMetadata metadata) => metadata.Problem is var (reason, offset) ? new GgufReading.Bad(reason, offset) : null;

    private static GgufReading Interpret(ref GgufMetadata metadata, ReadOnlySpan<byte> prefix, GgufTensors.Table table)
    {
        var (number, count) = (metadata.UInt16("split.no") ?? 0, metadata.UInt16("split.count") ?? 1);
        if (count > 1 && number >= count) metadata.Complain($"split.no is {number} of {count} parts", metadata.OffsetOf("split.no"));
        if (count > 1 && number > 0) return new GgufReading.Part((int)number, (int)count, table.Parameters);
        if (table.Count == 0 && count <= 1) metadata.Complain("the file holds no tensors: a vocabulary or a description, not a model", 0);
        return GgufModel.Interpret(ref metadata, prefix, table, (int)Math.Max(1, count));
    }

    /// <summary>Names what the file is instead, where its first bytes tell.</summary>
    private static string? Foreign(ReadOnlySpan<byte> start)
    {
        if (!start.StartsWith("GGUF"u8))
        {
            if (start.StartsWith("FUGG"u8)) return "this is a big-endian GGUF file; only little-endian ones are read";
            if (start.StartsWith("lmgg"u8) || start.StartsWith("tjgg"u8) || start.StartsWith("fmgg"u8)) return "this is a model in GGML's old format, from before GGUF; it has to be converted";
            if (start.StartsWith("version https://g"u8)) return "this is a Git LFS pointer, not the model: the file itself was not fetched";
            if (start.StartsWith("PK\u0003\u0004"u8)) return "this is a zip archive (perhaps PyTorch weights), not a GGUF file";
            if (start.TrimStart(" \t\r\n\uFEFF"u8).StartsWith("<"u8)) return "this is a web page, not a model: the download led somewhere else";
            if (start[8] == '{') return "this looks like safetensors, not GGUF; the built-in engine needs GGUF";
            return "this is not a GGUF file: it does not begin with GGUF";
        }

        var version = BinaryPrimitives.ReadUInt32LittleEndian(start[4..]);
        if ((version & 0xFFFF) == 0 && version != 0) return "this is a big-endian GGUF file; only little-endian ones are read";
        if (version == 1) return "this is GGUF version 1, which llama.cpp no longer reads; it has to be converted";
        return version is 2 or 3 ? null : $"this is GGUF version {version}; versions 2 and 3 are read";
    }
}
