using System.Text.Json;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Gateway;

/// <summary>A request as it may be kept.</summary>
/// <param name="Json">Its body, with what <see cref="Redaction"/> put into its texts.</param>
/// <param name="Hidden">Pieces that were taken out.</param>
/// <param name="IsCut">Some texts are not whole.</param>
internal sealed record AskedText(byte[] Json, int Hidden, bool IsCut)
{
    /// <summary>Of one text, in characters.</summary>
    public const int LongestText = 16 << 10;

    /// <summary>Of all texts together, in characters.</summary>
    public const int MostText = 128 << 10;

    /// <summary>Stands where the rest of a text was.</summary>
    public const string Cut = "[…]";

    /// <param name="body">JSON.</param>
    /// <returns>Null for what is none, or has half of a character in a name.</returns>
    public static AskedText? Of(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var walk = new Walk();
            var json = DialectJson.Value(to => walk.Write(to, document.RootElement, isSecret: false));
            return new(json, walk.Hidden, walk.IsCut);
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Goes through a body once, and counts.</summary>
    private sealed class Walk
    {
        private int _left = MostText;

        public int Hidden { get; private set; }

        public bool IsCut { get; private set; }

        /// <param name="isSecret">Its name says so.</param>
        public void Write(Utf8JsonWriter json, JsonElement value, bool isSecret)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    json.WriteStartObject();
                    foreach (var member in value.EnumerateObject())
                    {
                        json.WritePropertyName(Clean(member.Name));
                        Write(json, member.Value, Redaction.IsSecret(member.Name));
                    }

                    json.WriteEndObject();
                    break;
                case JsonValueKind.Array:
                    json.WriteStartArray();
                    foreach (var item in value.EnumerateArray()) Write(json, item, isSecret);
                    json.WriteEndArray();
                    break;
                case JsonValueKind.String:
                    json.WriteStringValue(Kept(LooseText.Of(value), isSecret));
                    break;
                case JsonValueKind.Number when isSecret:
                    json.WriteStringValue(Kept(value.GetRawText(), isSecret));
                    break;
                default:
                    value.WriteTo(json);
                    break;
            }
        }

        private string Clean(string text)
        {
            var (clean, hidden) = Redaction.Of(text);
            Hidden += hidden;
            return clean;
        }

        private string Kept(string text, bool isSecret)
        {
            if (isSecret && text.Length > 0)
            {
                Hidden++;
                return Redaction.Secret;
            }

            // what is not kept need not be looked at
            if (_left == 0 && text.Length > 0)
            {
                IsCut = true;
                return Cut;
            }

            var clean = Clean(text);
            var kept = Shortened(clean, Math.Min(LongestText, _left));
            IsCut |= kept.Length != clean.Length;
            _left -= Math.Min(_left, kept.Length);
            return kept;
        }
    }

    /// <summary>The first characters of a text that was redacted: a piece of a secret has none of its looks.</summary>
    public static string Shortened(string text, int most)
    {
        if (text.Length <= most) return text;
        return string.Concat(text.AsSpan(0, most > 0 && char.IsHighSurrogate(text[most - 1]) ? most - 1 : most), Cut);
    }
}
