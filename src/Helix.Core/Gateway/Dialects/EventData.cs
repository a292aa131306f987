namespace Helix.Core.Gateway.Dialects;

/// <summary>Takes whole server-sent events apart.</summary>
internal static class EventData
{
    /// <returns>The data of each event that has some; lines of one are joined.</returns>
    public static List<byte[]> Of(ReadOnlySpan<byte> events)
    {
        var found = new List<byte[]>();
        byte[]? data = null;
        while (!events.IsEmpty)
        {
            var length = events.IndexOfAny((byte)'\n', (byte)'\r');
            var line = length < 0 ? events : events[..length];
            var isPair = length >= 0 && events[length..].StartsWith("\r\n"u8);
            events = length < 0 ? default : events[(length + (isPair ? 2 : 1))..];
            if (line.IsEmpty)
            {
                if (data is not null) found.Add(data);
                data = null;
            }
            else if (line.StartsWith("data:"u8))
            {
                var value = line[5..];
                if (value.StartsWith(" "u8)) value = value[1..];
                data = data is null ? value.ToArray() : [.. data, (byte)'\n', .. value];
            }
        }

        if (data is not null) found.Add(data);
        return found;
    }

    public static bool IsDone(ReadOnlySpan<byte> data) => data.Trim(" "u8).SequenceEqual("[DONE]"u8);
}
