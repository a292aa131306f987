using System.Buffers;
using System.Text.Json;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Gateway;

/// <summary>Takes the frame out of a stream that only tells what it took, where its client did not ask for that: some programs know no frame without a choice.</summary>
internal static class UsageFrames
{
    /// <param name="events">Whole events.</param>
    public static ReadOnlyMemory<byte> Without(ReadOnlyMemory<byte> events)
    {
        if (events.Span.IndexOf("\"usage\""u8) < 0) return events;
        var all = EventData.Of(events.Span);
        if (!all.Any(data => IsOne(data))) return events;
        var told = new ArrayBufferWriter<byte>(events.Length);
        foreach (var data in all.Where(data => !IsOne(data)))
        {
            told.Write("data: "u8);
            told.Write(data);
            told.Write("\n\n"u8);
        }

        return told.WrittenMemory;
    }

    /// <summary>It has an empty list of choices, and a usage.</summary>
    private static bool IsOne(byte[] data)
    {
        try
        {
            var reader = new Utf8JsonReader(data);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            var (isEmpty, tells) = (false, false);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isChoices, isUsage) = (reader.ValueTextEquals("choices"u8), reader.ValueTextEquals("usage"u8));
                reader.Read();
                if (isUsage) tells = reader.TokenType == JsonTokenType.StartObject;
                if (isChoices)
                {
                    if (reader.TokenType != JsonTokenType.StartArray) return false;
                    var ahead = reader;
                    isEmpty = ahead.Read() && ahead.TokenType == JsonTokenType.EndArray;
                }

                reader.Skip();
            }

            return isEmpty && tells;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
