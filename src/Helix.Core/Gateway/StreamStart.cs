using System.Text.Json;

namespace Helix.Core.Gateway;

/// <summary>What an event of a stream is for whoever may still turn to another backend.</summary>
internal enum EventKind
{
    /// <summary>A comment, or a frame without any content, such as the one that names the role.</summary>
    Startup,

    /// <summary>From here on the client has something.</summary>
    Content,

    Error,
}

/// <summary>Tells the frames that come before the first content of a stream, which the client is not sent until there is some.</summary>
internal static class StreamStart
{
    /// <summary>More than this is not held back, in bytes.</summary>
    public const int MostHeld = 16 << 10;

    /// <summary>Tells the first event that is none of the beginning.</summary>
    /// <param name="events">Whole events.</param>
    /// <param name="error">What stands in it where it is an error.</param>
    public static EventKind Look(ReadOnlySpan<byte> events, out Range error)
    {
        error = default;
        var data = default(Range);
        for (var start = 0; start < events.Length;)
        {
            var length = events[start..].IndexOfAny((byte)'\n', (byte)'\r');
            var end = length < 0 ? events.Length : start + length;
            var line = events[start..end];
            if (line.StartsWith("data:"u8))
            {
                data = new(start + 5, end);
                switch (OfData(events[data]))
                {
                    case EventKind.Error:
                        error = data;
                        return EventKind.Error;
                    case EventKind.Content: return EventKind.Content;
                }
            }

            start = end + 1;
        }

        return EventKind.Startup;
    }

    /// <summary>Whatever is not known to be empty counts as content.</summary>
    private static EventKind OfData(ReadOnlySpan<byte> data)
    {
        try
        {
            var reader = new Utf8JsonReader(data);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return EventKind.Content;
            var kind = EventKind.Content;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isError, isChoices) = (reader.ValueTextEquals("error"u8), reader.ValueTextEquals("choices"u8));
                if (!reader.Read()) return EventKind.Content;
                if (isError && reader.TokenType is JsonTokenType.StartObject or JsonTokenType.String) return EventKind.Error;
                if (isChoices && reader.TokenType == JsonTokenType.StartArray) kind = IsEmpty(ref reader) ? EventKind.Startup : EventKind.Content;
                else reader.Skip();
            }

            return kind;
        }
        catch (JsonException)
        {
            return EventKind.Content;
        }
    }

    /// <summary>Whether no choice has any text, call or end. Leaves the reader at the array's end where that is so.</summary>
    private static bool IsEmpty(ref Utf8JsonReader reader)
    {
        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType != JsonTokenType.PropertyName) continue;
            // numbers and names of roles are no content, whatever they are called
            var says = !(reader.ValueTextEquals("role"u8) || reader.ValueTextEquals("index"u8) || reader.ValueTextEquals("delta"u8) || reader.ValueTextEquals("message"u8));
            reader.Read();
            switch (reader.TokenType)
            {
                case JsonTokenType.Null or JsonTokenType.False: break;
                case JsonTokenType.String when says && !reader.ValueTextEquals(""u8): return false;
                case JsonTokenType.Number or JsonTokenType.True when says: return false;
                case JsonTokenType.StartObject or JsonTokenType.StartArray when says:
                    var ahead = reader;
                    if (!ahead.Read() || ahead.TokenType is not (JsonTokenType.EndArray or JsonTokenType.EndObject)) return false;
                    break;
            }
        }

        return true;
    }
}
