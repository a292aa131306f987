using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Helix.Core.Live;

/// <summary>What changed in one part.</summary>
internal readonly record struct LiveChange(string Section, IReadOnlyList<(string Key, byte[]? Json)> Rows);

/// <summary>The events of the live stream as they stand on the wire. JSON knows no line ends within a text, so nobody's words can begin an event of their own.</summary>
internal static class LiveText
{
    /// <summary>Keeps a quiet connection open, and tells its reader that it is.</summary>
    public static readonly byte[] Beat = [.. ": \n\n"u8];

    /// <summary>How soon a browser comes back after the stream has ended, in milliseconds.</summary>
    public static readonly byte[] Begin = [.. "retry: 500\n\n"u8];

    public static readonly byte[] SignedOut = [.. "event: signed-out\ndata: {}\n\n"u8];

    public static byte[] Snapshot(LiveId id, DateTimeOffset at, IEnumerable<LiveSectionState> sections) => Event(id, "snapshot", at, "state", json =>
    {
        foreach (var section in sections)
        {
            json.WriteStartObject(section.Name);
            foreach (var (key, value) in section.Rows)
            {
                json.WritePropertyName(key);
                json.WriteRawValue(value, skipInputValidation: true);
            }

            json.WriteEndObject();
        }
    });

    public static byte[] Change(LiveId id, DateTimeOffset at, IEnumerable<LiveChange> changes) => Event(id, "change", at, "set", json =>
    {
        foreach (var (section, rows) in changes)
        {
            json.WriteStartObject(section);
            foreach (var (key, value) in rows)
            {
                json.WritePropertyName(key);
                if (value is null) json.WriteNullValue();
                else json.WriteRawValue(value, skipInputValidation: true);
            }

            json.WriteEndObject();
        }
    });

    private static byte[] Event(LiveId id, string name, DateTimeOffset at, string what, Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>(4096);
        bytes.Write(Encoding.UTF8.GetBytes($"id: {id}\nevent: {name}\ndata: "));
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("at"u8, at);
            json.WriteStartObject(what);
            write(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        bytes.Write("\n\n"u8);
        return bytes.WrittenSpan.ToArray();
    }
}

/// <summary>Names an event of the stream, so that whoever lost the connection gets what came since.</summary>
/// <param name="Board">Of the daemon that made it: another one does not know what went before.</param>
/// <param name="Number">Grows by one with each event.</param>
internal readonly record struct LiveId(uint Board, long Number)
{
    /// <returns>Null where it is none.</returns>
    public static LiveId? Parse(string? text)
    {
        if (text is null || text.IndexOf('-', StringComparison.Ordinal) is not (> 0 and var dash)) return null;
        return uint.TryParse(text.AsSpan(0, dash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var board) && long.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new LiveId(board, number)
            : null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Board:x8}-{Number}");
}
