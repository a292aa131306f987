using System.Text.Json;

namespace Helix.Core.Live;

/// <summary>What the live stream has told, on the side of whoever reads it: part → key → value. A change replaces whole values.</summary>
internal sealed class LiveCopy
{
    private readonly SortedDictionary<string, SortedDictionary<string, JsonElement>> _parts = new(StringComparer.Ordinal);

    /// <summary>Of the last event; null before the first snapshot.</summary>
    public DateTimeOffset? At { get; private set; }

    /// <summary>Of a part, in the order of their keys; empty where nothing is told of it.</summary>
    public IEnumerable<KeyValuePair<string, JsonElement>> Part(string name) => _parts.TryGetValue(name, out var rows) ? rows : Enumerable.Empty<KeyValuePair<string, JsonElement>>();

    /// <summary>Null where there is no such value.</summary>
    public JsonElement? Find(string part, string key) => _parts.TryGetValue(part, out var rows) && rows.TryGetValue(key, out var value) ? value : null;

    /// <summary>Takes an event. One of a kind that is not known here changes nothing.</summary>
    /// <returns>False where it is not what such an event is: whoever reads asks for everything anew.</returns>
    public bool Take(LiveTold told)
    {
        if (told.Kind is not ("snapshot" or "change")) return true;
        try
        {
            using var document = JsonDocument.Parse(told.Data);
            var isSnapshot = told.Kind == "snapshot";
            if (document.RootElement.ValueKind != JsonValueKind.Object) return false;
            if (!document.RootElement.TryGetProperty(isSnapshot ? "state" : "set", out var parts) || parts.ValueKind != JsonValueKind.Object) return false;
            if (!document.RootElement.TryGetProperty("at", out var at) || at.ValueKind != JsonValueKind.String || !at.TryGetDateTimeOffset(out var moment)) return false;
            if (!isSnapshot && At is null) return false;
            if (isSnapshot) _parts.Clear();
            foreach (var part in parts.EnumerateObject()) Take(part);
            At = moment;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Writes all of it as one object: <c>at</c>, and each part under its name.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        if (At is { } at) json.WriteString("at"u8, at);
        foreach (var (name, rows) in _parts)
        {
            json.WriteStartObject(name);
            foreach (var (key, value) in rows)
            {
                json.WritePropertyName(key);
                value.WriteTo(json);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private void Take(JsonProperty part)
    {
        if (part.Value.ValueKind != JsonValueKind.Object) return;
        if (!_parts.TryGetValue(part.Name, out var rows)) _parts[part.Name] = rows = new(StringComparer.Ordinal);
        foreach (var row in part.Value.EnumerateObject())
        {
            if (row.Value.ValueKind == JsonValueKind.Null) rows.Remove(row.Name);
            else rows[row.Name] = row.Value.Clone();
        }
    }
}
