using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Helix.Core.Configuration;

/// <summary>What values a setting takes.</summary>
internal abstract record SettingKind
{
    private SettingKind() { }

    /// <summary>What may be written, in words that fit after "must be".</summary>
    public abstract string Allowed { get; }

    /// <summary>Reads what was typed after <c>config set KEY</c>; what cannot be read stays a text, for <see cref="Refuse"/> to name.</summary>
    public abstract JsonNode? FromText(string text);

    /// <summary>Why a value is not allowed; null when it is.</summary>
    public string? Refuse(JsonNode value) => Hint(value) is { } hint ? $"must be {Allowed}, was {Shown(value)}{hint}" : null;

    /// <summary>Null when the value is allowed, else what may follow "was …": often nothing.</summary>
    protected abstract string? Hint(JsonNode value);

    /// <summary>A number, however the node holds it.</summary>
    public static double NumberOf(JsonNode number) => double.Parse(number.ToJsonString(), CultureInfo.InvariantCulture);

    /// <summary>The same where not the smallest part may be lost.</summary>
    public static decimal AmountOf(JsonNode number) => decimal.Parse(number.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);

    private static string Shown(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.String when value.GetValue<string>() is var text => $"the text \"{(text.Length > 60 ? text[..60] + "…" : text)}\"",
        JsonValueKind.Object => "a section with keys of its own",
        JsonValueKind.Array => "a list",
        _ => value.ToJsonString(),
    };

    private static string? TextOf(JsonNode? value) => value?.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    internal sealed record Toggle : SettingKind
    {
        public override string Allowed => "true or false";

        public override JsonNode? FromText(string text) => text switch { "true" => true, "false" => false, _ => text };

        protected override string? Hint(JsonNode value) => (value.GetValueKind(), TextOf(value)?.ToLowerInvariant()) switch
        {
            (JsonValueKind.True or JsonValueKind.False, _) => null,
            (_, "true" or "false") => $"; write {TextOf(value)!.ToLowerInvariant()} without quotes and in small letters",
            (_, "yes" or "on" or "y") => "; write true",
            (_, "no" or "off" or "n") => "; write false",
            _ => "",
        };
    }

    /// <param name="Unit">In the plural, for example <c>seconds</c>; may be empty.</param>
    internal sealed record Whole(int Min, int Max, string Unit) : SettingKind
    {
        /// <summary>A number outside that is allowed, too; null for none.</summary>
        public int? Besides { get; init; }

        public override string Allowed => $"{(Besides is { } other ? $"{other}, or " : "")}a whole number from {Min} to {Max}{(Unit.Length > 0 ? $" ({Unit})" : "")}";

        public override JsonNode? FromText(string text) =>
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : text;

        protected override string? Hint(JsonNode value) =>
            value.GetValueKind() == JsonValueKind.Number
                ? long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) && (whole == Besides || (whole >= Min && whole <= Max)) ? null : ""
                : FromText(TextOf(value) ?? "")?.GetValueKind() == JsonValueKind.Number ? "; write it without quotes" : "";
    }

    /// <param name="Unit">In the plural, for example <c>dollars</c>.</param>
    internal sealed record Amount(decimal Min, decimal Max, string Unit) : SettingKind
    {
        public override string Allowed => string.Create(CultureInfo.InvariantCulture, $"a number from {Min} to {Max} ({Unit})");

        public override JsonNode? FromText(string text) =>
            decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : text;

        protected override string? Hint(JsonNode value) =>
            value.GetValueKind() == JsonValueKind.Number
                ? decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= Min && number <= Max ? null : ""
                : FromText(TextOf(value) ?? "")?.GetValueKind() == JsonValueKind.Number ? "; write it without quotes" : "";
    }

    internal sealed record Choice(ImmutableArray<string> Values) : SettingKind
    {
        public override string Allowed => $"one of {string.Join(", ", Values)}";

        public override JsonNode? FromText(string text) => text;

        protected override string? Hint(JsonNode value) =>
            TextOf(value) is not { } text ? ""
            : Values.Contains(text) ? null
            : Nearest.To(text, Values) is { } near ? $"; did you mean {near}?" : "";
    }

    /// <param name="Check">Null when the text is allowed, else what may follow "was …".</param>
    internal sealed record Text(string What, Func<string, string?> Check) : SettingKind
    {
        public override string Allowed => What;

        public override JsonNode? FromText(string text) => text;

        protected override string? Hint(JsonNode value) => TextOf(value) is { } text ? Check(text) : "";
    }

    /// <param name="Check">Null when one item is allowed, else what may follow "was …".</param>
    internal sealed record List(string What, Func<string, string?> Check) : SettingKind
    {
        public override string Allowed => $"a list of {What}";

        public override JsonNode? FromText(string text)
        {
            if (text.StartsWith('[') && JsonText(text) is JsonArray written) return written;
            // as YAML has it, without quotation marks
            if (text.StartsWith('[') && text.EndsWith(']')) text = text[1..^1];
            var list = new JsonArray();
            foreach (var item in text.Split(',', StringSplitOptions.TrimEntries)) list.Add((JsonNode)item);
            return text.Trim().Length == 0 ? new JsonArray() : list;
        }

        protected override string? Hint(JsonNode value)
        {
            if (value is not JsonArray list) return TextOf(value) is { } text ? $"; write {(text.StartsWith('[') ? text : $"[{text}]")}{(text.StartsWith('[') ? " without quotation marks around it" : "")}" : "";
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var item in list)
            {
                if (TextOf(item) is not { } text) return $" with an item that is no text: {item?.ToJsonString() ?? "nothing"}";
                if (!seen.Add(text)) return $" that names \"{text}\" twice";
                if (Check(text) is { } hint) return $" with \"{text}\"{hint}";
            }

            return null;
        }
    }

    /// <summary>Names with a number each.</summary>
    /// <param name="Example">As JSON.</param>
    /// <param name="CheckName">Null when a name is allowed, else what may follow "was …".</param>
    internal sealed record Numbers(string What, string Example, Func<string, string?> CheckName) : SettingKind
    {
        public override string Allowed => $"a map of {What}, for example {Example}";

        public override JsonNode? FromText(string text) => JsonText(text);

        protected override string? Hint(JsonNode value)
        {
            if (value is not JsonObject map) return "";
            foreach (var (name, item) in map)
            {
                if (CheckName(name) is { } hint) return $" with \"{name}\"{hint}";
                if (item?.GetValueKind() != JsonValueKind.Number || NumberOf(item) is not (>= 0 and <= 1e6))
                    return $" where {name} is not a number from 0 to 1000000";
            }

            return null;
        }
    }

    /// <summary>Names with a text each.</summary>
    /// <param name="Example">As JSON.</param>
    /// <param name="CheckName">Null when a name is allowed, else what may follow "was …"; in the same way each text.</param>
    internal sealed record Texts(string What, string Example, Func<string, string?> CheckName, Func<string, string?> Check) : SettingKind
    {
        public override string Allowed => $"a map of {What}, for example {Example}";

        public override JsonNode? FromText(string text) => JsonText(text);

        protected override string? Hint(JsonNode value)
        {
            if (value is not JsonObject map) return "";
            foreach (var (name, item) in map)
            {
                if (CheckName(name) is { } odd) return $" with \"{name}\"{odd}";
                if (TextOf(item) is not { } text) return $" where {name} is no text";
                if (Check(text) is { } hint) return $" with \"{name}\"{hint}";
            }

            return null;
        }
    }

    private static JsonNode? JsonText(string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: new() { MaxDepth = 4, AllowDuplicateProperties = false });
        }
        catch (JsonException)
        {
            return text;
        }
    }
}
