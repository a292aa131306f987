using System.Text.Json.Nodes;

namespace Helix.Core.Configuration;

/// <summary>One key of the configuration: all that is to be known of it.</summary>
/// <param name="Path">Section and key, for example <c>health.check_interval</c>.</param>
/// <param name="Meaning">One sentence for a person.</param>
/// <param name="Read">Its value in a configuration; null where helix decides by itself.</param>
/// <param name="Write">The same configuration with another value, which <see cref="Kind"/> has allowed.</param>
internal sealed record Setting(
    string Path,
    SettingKind Kind,
    TakesEffect Effect,
    string Meaning,
    Func<HelixConfig, JsonNode?> Read,
    Func<HelixConfig, JsonNode?, HelixConfig> Write)
{
    public string Section => Split(Path).Section;

    public string Key => Split(Path).Key;

    public JsonNode? Default => Read(HelixConfig.Default);

    public static (string Section, string Key) Split(string path)
    {
        var dot = path.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? (path, "") : (path[..dot], path[(dot + 1)..]);
    }

    /// <summary>Why this value cannot be taken; null when it can.</summary>
    public string? Refuse(JsonNode? value) => value switch
    {
        null when Default is null => null,
        null => $"has no value; write {Kind.Allowed}, or remove the line to get the default ({Print(Default)})",
        _ => Kind.Refuse(value),
    };

    /// <summary>The value as it is shown: text bare, everything else as JSON.</summary>
    public static string Print(JsonNode? value) => value switch
    {
        null => "",
        JsonValue text when text.TryGetValue<string>(out var written) => written,
        JsonArray list => string.Join(",", list.Select(Print)),
        _ => value.ToJsonString(),
    };
}
