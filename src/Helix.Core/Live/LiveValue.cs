using System.Text.Json;

namespace Helix.Core.Live;

/// <summary>A value of the live state, read with forbearance: what another release of helix calls differently, or does not tell, is nothing.</summary>
internal readonly record struct LiveValue(JsonElement? Json)
{
    /// <summary>Empty where there is none.</summary>
    public string Text(string name) => Find(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() ?? "" : "";

    public double? Number(string name) => Find(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;

    public bool Is(string name) => Find(name) is { ValueKind: JsonValueKind.True };

    public DateTimeOffset? Moment(string name) => Find(name) is { ValueKind: JsonValueKind.String } value && value.TryGetDateTimeOffset(out var moment) ? moment : null;

    public LiveValue In(string name) => new(Find(name));

    public IReadOnlyList<string> Words(string name) => [.. All(name).Where(each => each.Json is { ValueKind: JsonValueKind.String }).Select(each => each.Json!.Value.GetString() ?? "")];

    public IEnumerable<LiveValue> All(string name)
    {
        if (Find(name) is not { ValueKind: JsonValueKind.Array } list) yield break;
        foreach (var each in list.EnumerateArray()) yield return new(each);
    }

    private JsonElement? Find(string name) => Json is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(name, out var value) ? value : null;
}
