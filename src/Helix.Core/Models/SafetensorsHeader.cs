using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Unicode;

namespace Helix.Core.Models;

/// <summary>
/// Reads the header of a safetensors file, strictly: eight bytes of length, then JSON that names every tensor with its kind, shape and
/// place. The tensors must follow each other without gaps and end where the file ends, so a file that was cut off is seen by its header.
/// </summary>
internal static class SafetensorsHeader
{
    /// <summary>The format's own limit.</summary>
    public const int MaxHeaderBytes = 100_000_000;

    private const int LengthBytes = 8;
    private const int MaxDimensions = 16;
    private const int MaxNameBytes = 4096;

    private static readonly Dictionary<string, int> s_bits = new(StringComparer.Ordinal)
    {
        ["BOOL"] = 8, ["U8"] = 8, ["I8"] = 8, ["F8_E5M2"] = 8, ["F8_E4M3"] = 8, ["F8_E8M0"] = 8, ["F8_E4M3FNUZ"] = 8, ["F8_E5M2FNUZ"] = 8,
        ["U16"] = 16, ["I16"] = 16, ["F16"] = 16, ["BF16"] = 16, ["U32"] = 32, ["I32"] = 32, ["F32"] = 32,
        ["U64"] = 64, ["I64"] = 64, ["F64"] = 64, ["C64"] = 64, ["F4"] = 4, ["F6_E2M3"] = 6, ["F6_E3M2"] = 6,
    };

    /// <param name="prefix">The file's first bytes.</param>
    /// <param name="fileBytes">Length of the whole file.</param>
    public static SafetensorsReading Read(ReadOnlySpan<byte> prefix, long fileBytes)
    {
        if (prefix.Length > fileBytes) prefix = prefix[..(int)fileBytes];
        if (fileBytes <= LengthBytes) return new SafetensorsReading.Bad($"it is too small for weights: {fileBytes} bytes");
        if (prefix.Length < LengthBytes + 1) return new SafetensorsReading.NeedMore(LengthBytes + 1);
        if (Foreign(prefix) is { } foreign) return new SafetensorsReading.Bad(foreign);

        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length is 0 or > MaxHeaderBytes) return new SafetensorsReading.Bad($"its header claims {length} bytes; 1 to {MaxHeaderBytes} are possible");
        var end = LengthBytes + (long)length;
        if (end > fileBytes) return new SafetensorsReading.Bad($"it ends inside its header: it has {fileBytes} bytes, and the header goes on to byte {end}");
        if (prefix.Length < end) return new SafetensorsReading.NeedMore(end);

        var json = prefix[LengthBytes..(int)end];
        if (json[0] != '{') return new SafetensorsReading.Bad("its header does not begin with '{'");
        if (!Utf8.IsValid(json)) return new SafetensorsReading.Bad("its header is not valid UTF-8");
        try
        {
            return Tensors(json, fileBytes - end);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // the second is what the reader says of an escaped half of a character
            return new SafetensorsReading.Bad($"its header is not what it should be: {broken.Message}");
        }
    }

    private static string? Foreign(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("version "u8)) return "it is a Git LFS pointer, not the weights: the file itself was not fetched";
        if (start.StartsWith("PK\u0003\u0004"u8)) return "it is a zip archive (perhaps PyTorch weights), not safetensors";
        if (start.StartsWith("GGUF"u8)) return "it is a GGUF file under another name";
        return start[0] == '<' ? "it is a web page, not weights: the download led somewhere else" : null;
    }

    private static SafetensorsReading Tensors(ReadOnlySpan<byte> json, long dataBytes)
    {
        var reader = new Utf8JsonReader(json);
        var (tensors, names, format) = (ImmutableArray.CreateBuilder<SafetensorsTensor>(), new HashSet<string>(StringComparer.Ordinal), default(string));
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueSpan.Length > MaxNameBytes) return new SafetensorsReading.Bad("a name in its header is too long");
            var name = reader.GetString()!;
            if (!names.Add(name)) return new SafetensorsReading.Bad($"its header names {name} twice");
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject) return new SafetensorsReading.Bad($"its header says of {name} something that is no description");
            if (name == "__metadata__")
            {
                if (!Metadata(ref reader, out format)) return new SafetensorsReading.Bad("its metadata are not texts");
                continue;
            }

            if (Tensor(ref reader, name, out var tensor) is { } refusal) return new SafetensorsReading.Bad(refusal);
            tensors.Add(tensor!);
        }

        while (reader.Read())
        {
            // only spaces may follow; anything else makes the reader complain
        }

        if (tensors.Count == 0) return new SafetensorsReading.Bad("it holds no tensors");
        return Gap(tensors, dataBytes) is { } gap ? new SafetensorsReading.Bad(gap) : new SafetensorsReading.Good(tensors.ToImmutable(), format);
    }

    private static bool Metadata(ref Utf8JsonReader reader, out string? format)
    {
        format = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isFormat = reader.ValueTextEquals("format"u8);
            reader.Read();
            if (reader.TokenType != JsonTokenType.String) return false;
            if (isFormat) format = reader.GetString();
        }

        return true;
    }

    /// <returns>Null if it is a right one.</returns>
    private static string? Tensor(ref Utf8JsonReader reader, string name, out SafetensorsTensor? tensor)
    {
        tensor = null;
        string? kind = null;
        ImmutableArray<long>? shape = null, place = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isKind, isShape, isPlace) = (reader.ValueTextEquals("dtype"u8), reader.ValueTextEquals("shape"u8), reader.ValueTextEquals("data_offsets"u8));
            reader.Read();
            if (isKind && kind is null && reader.TokenType == JsonTokenType.String) kind = reader.GetString();
            else if (isShape && shape is null && Numbers(ref reader, MaxDimensions) is { } dimensions) shape = dimensions;
            else if (isPlace && place is null && Numbers(ref reader, 2) is { Length: 2 } offsets) place = offsets;
            else return $"its header describes {name} wrongly";
        }

        if (kind is null || shape is null || place is null) return $"its header does not say dtype, shape and data_offsets of {name}";
        if (!s_bits.TryGetValue(kind, out var bits)) return $"{name} is of the kind {kind}, which is not known";
        if (Elements(shape.Value) is not { } elements || (Int128)elements * bits % 8 != 0) return $"the shape of {name} is impossible";
        var (begin, end) = (place.Value[0], place.Value[1]);
        if (end < begin || end - begin != (Int128)elements * bits / 8) return $"{name} has {end - begin} bytes; its shape needs {(Int128)elements * bits / 8}";
        tensor = new(name, kind, shape.Value, elements, begin, end);
        return null;
    }

    /// <summary>Null if these are not at most so many whole numbers from 0 on.</summary>
    private static ImmutableArray<long>? Numbers(ref Utf8JsonReader reader, int most)
    {
        if (reader.TokenType != JsonTokenType.StartArray) return null;
        var numbers = ImmutableArray.CreateBuilder<long>();
        while (reader.Read() && reader.TokenType == JsonTokenType.Number)
        {
            if (numbers.Count == most || !reader.TryGetInt64(out var number) || number < 0) return null;
            numbers.Add(number);
        }

        return reader.TokenType == JsonTokenType.EndArray ? numbers.ToImmutable() : null;
    }

    /// <summary>Null if there are more than any file could hold.</summary>
    private static long? Elements(ImmutableArray<long> shape)
    {
        var product = (Int128)1;
        foreach (var dimension in shape)
        {
            product *= dimension;
            if (product > long.MaxValue) return null;
        }

        return (long)product;
    }

    private static string? Gap(ImmutableArray<SafetensorsTensor>.Builder tensors, long dataBytes)
    {
        var at = 0L;
        foreach (var tensor in tensors.OrderBy(tensor => tensor.Begin).ThenBy(tensor => tensor.End))
        {
            if (tensor.Begin != at) return $"{tensor.Name} begins at byte {tensor.Begin} of the data instead of {at}";
            at = tensor.End;
        }

        return at == dataBytes ? null : $"it holds {dataBytes} bytes of weights, and its header describes {at}: {(at > dataBytes ? "it was cut off" : "there is too much in it")}";
    }
}
