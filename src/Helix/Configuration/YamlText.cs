using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Helix.Configuration;

/// <summary>Writes a value as YAML on one line, so that it can stand anywhere, inside braces too.</summary>
internal static class YamlText
{
    private static readonly JavaScriptEncoder s_readable = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <param name="like">The text that stood there: its quotes are kept.</param>
    public static string Of(JsonNode? value, string like = "") => value switch
    {
        null => "null",
        JsonArray list => $"[{string.Join(", ", list.Select(item => Of(item)))}]",
        JsonObject map => $"{{{string.Join(", ", map.Select(pair => $"{Of(pair.Key)}: {Of(pair.Value)}"))}}}",
        _ when value.GetValueKind() == JsonValueKind.String => Text(value.GetValue<string>(), like),
        _ => value.ToJsonString(),
    };

    private static string Text(string text, string like) =>
        like.StartsWith('\'') && !text.Any(char.IsControl) ? $"'{text.Replace("'", "''", StringComparison.Ordinal)}'"
        : IsPlain(text) && !like.StartsWith('"') ? text
        : $"\"{s_readable.Encode(text)}\"";

    private static bool IsPlain(string text) =>
        text.Length > 0 && char.IsAsciiLetter(text[0])
        && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.' or '/')
        && text.ToLowerInvariant() is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n");
}
