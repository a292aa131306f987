using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using Helix.Core.Configuration;

namespace Helix.Core.Connect;

/// <summary>
/// Settings in JSON, comments included. What is new is put first, so that no comma of somebody else's line has to
/// change.
/// </summary>
internal sealed class JsonSettings : ISettingsText
{
    /// <summary>What a tool may put elsewhere, and leave a word for it here.</summary>
    private const string KeyMember = "apiKey";

    public bool InsertsFirst => true;

    public SettingPlace? Find(string text, ToolSetting setting)
    {
        if (Locate(text, setting) is not var (container, index)) return null;
        var value = container.Parts[index].Value;
        return new SettingPlace(value.Start, value.End, Same(text, value, setting.Value), setting.Path is [ToolSetting.Item] && Same(text, value, setting.Value, otherKey: true));
    }

    public string Insert(string text, ToolSetting setting)
    {
        var root = JsonScan.Read(text);
        var newLine = TextLines.EndOfLine(text);
        if (root is null)
        {
            var lead = text.Length > 0 && text[^1] != '\n' ? text + newLine : text;
            return lead + Print(Nested(setting, 0), "", "  ", newLine) + newLine;
        }

        var (piece, depth) = (root, 0);
        while (IndexOf(piece, setting, depth) is >= 0 and var index) (piece, depth) = (((JsonPiece.Container)piece).Parts[index].Value, depth + 1);
        var container = (JsonPiece.Container)piece;
        var name = container.IsMap ? $"{Quote(setting.Path[depth])}: " : "";
        var value = Nested(setting, depth + 1);
        var step = Step(text, (JsonPiece.Container)root);
        var outer = TextLines.Indent(text, container.Start);
        var open = container.Start + 1;
        int? first = container.Parts is [var part, ..] ? part.Start : null;
        var next = TextLines.NextLine(text, open);
        if (next <= TextLines.StartOfLine(text, first ?? (container.End - 1)) && text[open..next].Trim() is "" or ['/', '/', ..])
        {
            var indent = first is { } at ? TextLines.Indent(text, at) : outer + step;
            return text.Insert(next, $"{indent}{name}{Print(value, indent, step, newLine)}{(first is null ? "" : ",")}{newLine}");
        }

        return first is null
            ? $"{text[..open]}{newLine}{outer}{step}{name}{Print(value, outer + step, step, newLine)}{newLine}{outer}{text[open..].TrimStart()}"
            : text.Insert(open, $"{name}{value.ToJsonString()},");
    }

    public string Replace(string text, ToolSetting setting)
    {
        var (container, index) = Locate(text, setting)!.Value;
        var value = container.Parts[index].Value;
        var written = Print(setting.Value, TextLines.Indent(text, container.Parts[index].Start), Step(text, (JsonPiece.Container)JsonScan.Read(text)!), TextLines.EndOfLine(text));
        return text[..value.Start] + written + text[value.End..];
    }

    public string Remove(string text, ToolSetting setting)
    {
        var (container, index) = Locate(text, setting)!.Value;
        var part = container.Parts[index];
        var (from, to) = TextLines.Whole(text, part.Start, part.Comma is { } comma ? comma + 1 : part.Value.End);
        var rest = text[..from] + text[to..];
        // the part before it is the last one now
        return part.Comma is null && index > 0 && container.Parts[index - 1].Comma is { } needless ? rest.Remove(needless, 1) : rest;
    }

    /// <summary>What holds the setting, and its number there.</summary>
    private static (JsonPiece.Container Container, int Index)? Locate(string text, ToolSetting setting)
    {
        var piece = JsonScan.Read(text);
        for (var depth = 0; piece is not null; depth++)
        {
            var index = IndexOf(piece, setting, depth);
            if (index < 0) return null;
            var container = (JsonPiece.Container)piece;
            if (depth == setting.Path.Length - 1) return (container, index);
            piece = container.Parts[index].Value;
        }

        return null;
    }

    /// <returns>-1 where the piece does not have it. Of two with one name, the last counts, as it does for who reads the file.</returns>
    private static int IndexOf(JsonPiece piece, ToolSetting setting, int depth)
    {
        var key = setting.Path[depth];
        var inList = key == ToolSetting.Item;
        if (piece is not JsonPiece.Container container || container.IsMap == inList)
            throw new SettingsRefusedException($"{(inList ? "a list" : "an object")} was expected {(depth == 0 ? "as the whole of it" : $"as the value of \"{string.Join('.', setting.Path.Take(depth))}\"")}");
        for (var at = container.Parts.Length - 1; at >= 0; at--)
        {
            if (inList ? NameOf(container.Parts[at].Value) == setting.Name : container.Parts[at].Key == key) return at;
        }

        return -1;
    }

    private static string? NameOf(JsonPiece piece) =>
        piece is JsonPiece.Container { IsMap: true } map && map.Parts.LastOrDefault(part => part.Key == "name")?.Value is JsonPiece.Words words ? words.Value : null;

    /// <param name="otherKey">A key in it may be any.</param>
    private static bool Same(string text, JsonPiece piece, JsonNode? wanted, bool otherKey = false) => (piece, wanted) switch
    {
        (JsonPiece.Container noted, _) when HasNote(text, noted) => false,
        (JsonPiece.Container { IsMap: true } map, JsonObject wish) =>
            map.Parts.Length == wish.Count && map.Parts.All(part => wish.TryGetPropertyValue(part.Key, out var value) && ((otherKey && part.Key == KeyMember) || Same(text, part.Value, value))),
        (JsonPiece.Container { IsMap: false } list, JsonArray wish) =>
            list.Parts.Length == wish.Count && list.Parts.Zip(wish).All(pair => Same(text, pair.First.Value, pair.Second)),
        (JsonPiece.Words words, JsonValue wish) => wish.TryGetValue<string>(out var wished) && wished == words.Value,
        (JsonPiece.Plain plain, null or JsonValue) => text[plain.Start..plain.End] == (wanted?.ToJsonString() ?? "null"),
        _ => false,
    };

    /// <summary>Somebody wrote a note between the parts, which would be lost with them. No key of helix's own has a slash.</summary>
    private static bool HasNote(string text, JsonPiece.Container container)
    {
        var at = container.Start;
        foreach (var part in container.Parts)
        {
            if (text.AsSpan(at, part.Value.Start - at).Contains('/')) return true;
            at = part.Value.End;
        }

        return text.AsSpan(at, container.End - at).Contains('/');
    }

    /// <summary>The value in what has to be made around it, from this part of the path on.</summary>
    private static JsonNode Nested(ToolSetting setting, int from)
    {
        var value = setting.Value.DeepClone();
        for (var depth = setting.Path.Length - 1; depth >= from; depth--)
            value = setting.Path[depth] == ToolSetting.Item ? new JsonArray(value) : new JsonObject { [setting.Path[depth]] = value };
        return value;
    }

    /// <summary>How far this text indents.</summary>
    private static string Step(string text, JsonPiece.Container root) =>
        root.Parts is [var first, ..] && TextLines.StartOfLine(text, first.Start) > root.Start && TextLines.Indent(text, first.Start) is { Length: > 0 } step ? step : "  ";

    private static string Print(JsonNode? value, string indent, string step, string newLine)
    {
        return value switch
        {
            JsonObject { Count: > 0 } map => Block('{', map.Select(pair => $"{Quote(pair.Key)}: {Print(pair.Value, indent + step, step, newLine)}"), '}'),
            JsonArray { Count: > 0 } list => Block('[', list.Select(item => Print(item, indent + step, step, newLine)), ']'),
            JsonValue text when text.TryGetValue<string>(out var words) => Quote(words),
            null => "null",
            _ => value.ToJsonString(),
        };

        string Block(char open, IEnumerable<string> parts, char close) =>
            $"{open}{newLine}{string.Join($",{newLine}", parts.Select(part => indent + step + part))}{newLine}{indent}{close}";
    }

    private static string Quote(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";
}
