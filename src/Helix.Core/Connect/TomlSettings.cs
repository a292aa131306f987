using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using Helix.Core.Configuration;

namespace Helix.Core.Connect;

/// <summary>Settings in TOML: a value before the first table, or a whole table with plain values.</summary>
internal sealed class TomlSettings : ISettingsText
{
    public bool InsertsFirst => false;

    public SettingPlace? Find(string text, ToolSetting setting)
    {
        if (setting.Value is JsonObject { Count: 0 }) return null; // no table is made only to hold another
        var parts = TomlScan.Read(text);
        return setting.Value is JsonObject ? FindTable(text, parts, setting) : FindPair(text, parts, setting);
    }

    public string Insert(string text, ToolSetting setting)
    {
        if (setting.Value is not JsonObject)
        {
            var last = TomlScan.Read(text).TakeWhile(part => part.Kind == TomlKind.Pair).LastOrDefault();
            return TextLines.Insert(text, last is null ? 0 : TextLines.NextLine(text, last.End), $"{setting.Path[0]} = {Print(setting.Value)}");
        }

        var newLine = TextLines.EndOfLine(text);
        var whole = text.Length == 0 || text[^1] == '\n' ? text : text + newLine;
        return $"{whole}{(whole.Length > 0 ? newLine : "")}{PrintTable(setting, newLine)}{newLine}";
    }

    public string Replace(string text, ToolSetting setting)
    {
        var place = Find(text, setting)!.Value;
        return text[..place.Start] + (setting.Value is JsonObject ? PrintTable(setting, TextLines.EndOfLine(text)) : Print(setting.Value)) + text[place.End..];
    }

    public string Remove(string text, ToolSetting setting)
    {
        var place = Find(text, setting)!.Value;
        var start = setting.Value is JsonObject ? place.Start : TomlScan.Read(text).First(part => part.Value == place.Start).Start;
        var (from, to) = TextLines.Whole(text, start, place.End);
        var (before, after, newLine) = (text[..from], text[to..], TextLines.EndOfLine(text));
        // the empty line that was put before a table goes with it
        var isGap = setting.Value is JsonObject && before.EndsWith(newLine + newLine, StringComparison.Ordinal) && (after.Length == 0 || after.StartsWith(newLine, StringComparison.Ordinal));
        return (isGap ? before[..^newLine.Length] : before) + after;
    }

    private static SettingPlace? FindPair(string text, ImmutableArray<TomlPart> parts, ToolSetting setting)
    {
        var found = parts.FirstOrDefault(part => part.Kind == TomlKind.Pair && part.Path.SequenceEqual(setting.Path));
        if (parts.Any(part => part != found && Begins(part.Path, setting.Path))) throw Refuse(setting);
        return found is null ? null : new SettingPlace(found.Value, found.End, Same(text[found.Value..found.End], setting.Value));
    }

    private static SettingPlace? FindTable(string text, ImmutableArray<TomlPart> parts, ToolSetting setting)
    {
        var header = parts.FirstOrDefault(part => part.Kind == TomlKind.Table && part.Path.SequenceEqual(setting.Path));
        TomlPart[] own = header is null ? [] : [header, .. parts.Skip(parts.IndexOf(header) + 1).TakeWhile(part => part.Kind == TomlKind.Pair)];
        // dotted keys, tables in braces or in lists, and tables below it say the same in other ways
        if (parts.Except(own).Any(part => Begins(part.Path, setting.Path) || (part.Kind != TomlKind.Table && Begins(setting.Path, part.Path)))) throw Refuse(setting);
        if (header is null) return null;
        var end = own[^1].End;
        var isSame = TextLines.Trimmed(text[header.Start..TextLines.NextLine(text, end)]).SequenceEqual(TextLines.Trimmed(PrintTable(setting, "\n")));
        return new SettingPlace(header.Start, end, isSame);
    }

    private static bool Begins(ImmutableArray<string> path, ImmutableArray<string> with) =>
        path.Length >= with.Length && path.Take(with.Length).SequenceEqual(with);

    private static SettingsRefusedException Refuse(ToolSetting setting) => new($"\"{setting}\" is written there in a way that helix does not edit");

    private static bool Same(string written, JsonNode wanted) =>
        wanted is JsonValue value && value.TryGetValue<string>(out var text) ? TomlScan.TextOf(written) == text : written == wanted.ToJsonString();

    private static string PrintTable(ToolSetting setting, string newLine) =>
        string.Join(newLine, ((JsonObject)setting.Value).Select(pair => $"{pair.Key} = {Print(pair.Value!)}").Prepend($"[{string.Join('.', setting.Path)}]"));

    private static string Print(JsonNode value) =>
        value is JsonValue words && words.TryGetValue<string>(out var text) ? $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"" : value.ToJsonString();
}
