using System.Buffers;
using System.Text.Json;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>An answer as it lies where several nodes find it: JSON, its pieces with their moments.</summary>
internal static class StoredAnswer
{
    private const int Version = 1;

    /// <param name="answer">One that is over, and whole.</param>
    public static byte[] Write(AnswerRecord answer)
    {
        var heard = answer.From(0);
        var bytes = new ArrayBufferWriter<byte>((int)answer.Size * 4 / 3 + 512);
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("version"u8, Version);
            json.WriteString("model"u8, answer.Model);
            json.WriteBoolean("selftest"u8, answer.IsSelfTest);
            json.WriteString("provider"u8, heard.Provider);
            json.WriteNumber("ended"u8, answer.Ended.ToUnixTimeMilliseconds());
            json.WriteString("type"u8, heard.Head!.ContentType);
            json.WriteStartArray("pieces"u8);
            foreach (var (at, piece) in heard.Pieces)
            {
                json.WriteNumberValue((long)at.TotalMilliseconds);
                json.WriteBase64StringValue(piece);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <returns>Null for what is no whole answer: somebody else may have written there.</returns>
    public static AnswerRecord? Read(ReadOnlyMemory<byte> stored, TimeProvider time)
    {
        try
        {
            using var document = JsonDocument.Parse(stored);
            var root = document.RootElement;
            if (root.GetProperty("version").GetInt32() != Version) return null;
            if (root.GetProperty("model").GetString() is not { } model || root.GetProperty("provider").GetString() is not { } provider) return null;
            var type = root.GetProperty("type").GetString();
            var pieces = new List<(TimeSpan, byte[])>();
            TimeSpan? at = null;
            foreach (var part in root.GetProperty("pieces").EnumerateArray())
            {
                if (at is { } moment) pieces.Add((moment, part.GetBytesFromBase64()));
                at = at is null ? TimeSpan.FromMilliseconds(part.GetInt64()) : null;
            }

            return AnswerRecord.Kept(
                model, root.GetProperty("selftest").GetBoolean(), provider,
                new UpstreamHead(200, BodyFraming.Chunked, 0, KeepAlive: true, type, null), pieces, DateTimeOffset.FromUnixTimeMilliseconds(root.GetProperty("ended").GetInt64()), time);
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException or OverflowException)
        {
            return null;
        }
    }
}
