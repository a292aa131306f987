using System.Text.Json;

namespace Helix.EngineHost;

/// <summary>Reads the fields of one JSON object strictly: every fault is noted with its path, and no field is passed over in silence.</summary>
/// <param name="path">Of the object itself, empty for the whole body.</param>
internal sealed class RequestFields(JsonElement json, string path, List<Refusal> faults)
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    public bool HasRoomForFaults => faults.Count < Refusal.Most;

    public string PathOf(string name) => path.Length == 0 ? name : $"{path}.{name}";

    /// <summary>The field; null if it is absent or null.</summary>
    public JsonElement? Any(string name)
    {
        _seen.Add(name);
        return json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    public float? Number(string name, double least, double most)
    {
        if (Any(name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Number)
            return Fault<float>(name, "invalid_type", $"must be a number, not {Words(value)}");
        return value.TryGetDouble(out var number) && number >= least && number <= most
            ? (float)number
            : Fault<float>(name, "invalid_value", $"must be between {least} and {most}, not {value.GetRawText()}");
    }

    public long? Integer(string name, long least, long most)
    {
        if (Any(name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Number)
            return Fault<long>(name, "invalid_type", $"must be a whole number, not {Words(value)}");
        return value.TryGetInt64(out var number) && number >= least && number <= most
            ? number
            : Fault<long>(name, "invalid_value", $"must be a whole number from {least} to {most}, not {value.GetRawText()}");
    }

    public bool? Flag(string name) => Any(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } other => Fault<bool>(name, "invalid_type", $"must be true or false, not {Words(other)}"),
    };

    public string? Text(string name)
    {
        if (Any(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.String)
            return TextOf(value, name);
        Fault(name, "invalid_type", $"must be a string, not {Words(value)}");
        return null;
    }

    /// <summary>The string; null, and a fault, if it holds half a character or a NUL.</summary>
    public string? TextOf(JsonElement value, string name)
    {
        try
        {
            if (value.GetString() is { } text && !text.Contains('\0'))
                return text;
            Fault(name, "invalid_value", "must not contain NUL");
        }
        catch (InvalidOperationException)
        {
            Fault(name, "invalid_value", "is not valid Unicode: half of a surrogate pair stands alone");
        }

        return null;
    }

    public JsonElement? Array(string name) => OfKind(name, JsonValueKind.Array, "an array");

    public JsonElement? Object(string name) => OfKind(name, JsonValueKind.Object, "an object");

    public void Fault(string name, string code, string what) =>
        faults.Add(Refusal.Invalid(code, PathOf(name), $"`{PathOf(name)}` {what}."));

    public void Fault(Refusal refusal) => faults.Add(refusal);

    public void Missing(string name, string what) => Fault(name, "missing_required_parameter", $"is missing: {what}");

    /// <summary>Refuses every field that nobody has asked for, unless it asks for nothing.</summary>
    /// <param name="harmless">Fields that change no answer.</param>
    public void RefuseOthers(params ReadOnlySpan<string> harmless)
    {
        foreach (var field in json.EnumerateObject())
        {
            if (!HasRoomForFaults)
                return;
            if (_seen.Contains(field.Name) || harmless.Contains(field.Name) || Beyond.AsksNothing(field))
                continue;
            var (code, what) = Beyond.Words(field.Name);
            Fault(field.Name, code, what);
        }
    }

    public static string Words(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        _ => "null",
    };

    private JsonElement? OfKind(string name, JsonValueKind kind, string words)
    {
        if (Any(name) is not { } value)
            return null;
        if (value.ValueKind == kind)
            return value;
        Fault(name, "invalid_type", $"must be {words}, not {Words(value)}");
        return null;
    }

    private T? Fault<T>(string name, string code, string what)
        where T : struct
    {
        Fault(name, code, what);
        return null;
    }
}
