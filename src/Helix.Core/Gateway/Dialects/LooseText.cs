using System.Text;
using System.Text.Json;

namespace Helix.Core.Gateway.Dialects;

/// <summary>Reads what engines say, which is not always well-formed: half of a character becomes U+FFFD, and the rest stays.</summary>
internal static class LooseText
{
    public static string Of(JsonElement text)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            using var mended = JsonDocument.Parse(Mended(text.GetRawText()));
            return mended.RootElement.GetString()!;
        }
    }

    /// <summary>A value as JSON text.</summary>
    public static string Json(JsonElement value)
    {
        try
        {
            return value.Raw();
        }
        catch (InvalidOperationException)
        {
            return Mended(value.GetRawText());
        }
    }

    /// <summary>What an error says, whatever shape it has.</summary>
    public static string Words(JsonElement error) =>
        error.ValueKind == JsonValueKind.String ? Of(error)
        : error.Any("message") is { ValueKind: JsonValueKind.String } message ? Of(message)
        : Json(error);

    /// <summary>Replaces each escape of half a character.</summary>
    private static string Mended(string json)
    {
        var mended = new StringBuilder(json.Length);
        for (var at = 0; at < json.Length; at++)
        {
            if (json[at] != '\\' || at + 1 >= json.Length)
            {
                mended.Append(json[at]);
                continue;
            }

            if (json[at + 1] != 'u' || at + 6 > json.Length)
            {
                mended.Append(json, at++, 2);
                continue;
            }

            var isPair = IsHalf(json, at, 'd', "89ab") && IsHalf(json, at + 6, 'd', "cdef");
            if (isPair) mended.Append(json, at, 12);
            else if (IsHalf(json, at, 'd', "89abcdef")) mended.Append("\\ufffd");
            else mended.Append(json, at, 6);
            at += isPair ? 11 : 5;
        }

        return mended.ToString();
    }

    private static bool IsHalf(string json, int at, char first, string second) =>
        at + 6 <= json.Length && json[at] == '\\' && json[at + 1] == 'u' && char.ToLowerInvariant(json[at + 2]) == first && second.Contains(char.ToLowerInvariant(json[at + 3]), StringComparison.Ordinal);
}
