using System.Text.Json.Nodes;
using Helix.Configuration;
using Helix.Core.Configuration;
using Helix.Core.Connect;

namespace Helix.Connect;

/// <summary>Settings in YAML: a value at the root, or one map in a list at the root.</summary>
internal sealed class YamlSettings : ISettingsText
{
    public bool InsertsFirst => false;

    public SettingPlace? Find(string text, ToolSetting setting)
    {
        if (Root(text)?.Find(setting.Path[0]) is not { } entry) return null;
        if (setting.Path.Length == 2) return FindItem(text, entry, setting);

        var (start, end) = Value(text, entry);
        if (setting.Value is JsonArray) return new SettingPlace(start, end, entry.Value.IsEmpty); // whether a list that was made for an item is left without one
        if (text[start..end].Contains('\n', StringComparison.Ordinal)) throw Refuse(entry, "is written over several lines");
        return new SettingPlace(start, end, entry.Value is YamlNode.Scalar scalar && scalar.Value == setting.Value.ToString());
    }

    public string Insert(string text, ToolSetting setting)
    {
        var root = Root(text);
        var outer = root is null ? "" : TextLines.Indent(text, root.Start);
        var newLine = TextLines.EndOfLine(text);
        if (setting.Path.Length == 1) return TextLines.Insert(text, text.Length, $"{outer}{setting.Path[0]}: {YamlText.Of(setting.Value)}");
        return root?.Find(setting.Path[0]) switch
        {
            null => TextLines.Insert(text, text.Length, $"{outer}{setting.Path[0]}:{newLine}{Item(outer + "  ")}"),
            { Value: YamlNode.List { Flow: false, Items: [var first, ..] } } entry => TextLines.Insert(text, TextLines.NextLine(text, entry.Key.End), Item(Dash(text, first, entry))),
            { Value.IsEmpty: true } entry => TextLines.Insert(text, TextLines.NextLine(text, entry.Key.End), Item(outer + "  ")),
            { } entry => throw Refuse(entry, "is no list with a line for each of its items"),
        };

        string Item(string indent) => $"{indent}- {Lines(setting, indent + "  ", newLine)}";
    }

    public string Replace(string text, ToolSetting setting)
    {
        var place = Find(text, setting)!.Value;
        var value = setting.Path.Length == 2
            ? Lines(setting, new string(' ', TextLines.Column(text, place.Start)), TextLines.EndOfLine(text))
            : (place.Start == place.End ? " " : "") + YamlText.Of(setting.Value, text[place.Start..place.End]);
        return text[..place.Start] + value + text[place.End..];
    }

    public string Remove(string text, ToolSetting setting)
    {
        var place = Find(text, setting)!.Value;
        var (from, to) = setting.Path.Length == 2
            ? (TextLines.StartOfLine(text, place.Start), TextLines.LineAfter(text, place.End))
            : TextLines.Whole(text, Root(text)!.Find(setting.Path[0])!.Key.Start, place.End);
        return text[..from] + text[to..];
    }

    private static SettingPlace? FindItem(string text, YamlEntry entry, ToolSetting setting)
    {
        if (entry.Value.IsEmpty) return null;
        if (entry.Value is not YamlNode.List { Flow: false } list) throw Refuse(entry, "is no list with a line for each of its items");
        if (list.Items.FirstOrDefault(item => item is YamlNode.Map map && map.Find("name")?.Value is YamlNode.Scalar name && name.Value == setting.Name) is not { } found) return null;
        Dash(text, found, entry);
        // with the rest of its last line, so that a comment there is not lost
        var written = text[found.Start..TextLines.LineAfter(text, found.End)];
        return new SettingPlace(found.Start, found.End, TextLines.Trimmed(written).SequenceEqual(TextLines.Trimmed(Lines(setting, "", "\n"))));
    }

    /// <summary>The blanks before the dash of an item, which has to stand on the item's own first line.</summary>
    private static string Dash(string text, YamlNode item, YamlEntry entry)
    {
        var before = text[TextLines.StartOfLine(text, item.Start)..item.Start];
        return before.Trim() == "-" ? TextLines.Indent(text, item.Start) : throw Refuse(entry, "is no list with a dash before each of its items");
    }

    /// <summary>Nothing stands behind the colon where there is no value.</summary>
    private static (int Start, int End) Value(string text, YamlEntry entry)
    {
        if (!entry.Value.IsEmpty) return (entry.Value.Start, entry.Value.End);
        var behind = text.IndexOf(':', entry.Key.End) + 1;
        return (behind, behind);
    }

    private static string Lines(ToolSetting setting, string indent, string newLine) =>
        string.Join(newLine + indent, ((JsonObject)setting.Value).Select(pair => $"{pair.Key}: {YamlText.Of(pair.Value)}"));

    private static YamlNode.Map? Root(string text)
    {
        try
        {
            return YamlReader.Read(text) switch
            {
                null => null,
                YamlNode.Map { Flow: false } map => map,
                { } other => throw new SettingsRefusedException($"line {other.Line}: keys with a line for each were expected"),
            };
        }
        catch (YamlRefusedException refused)
        {
            throw new SettingsRefusedException(refused.Error.ToString());
        }
    }

    private static SettingsRefusedException Refuse(YamlEntry entry, string why) => new($"line {entry.Key.Line}: \"{entry.Key.Value}\" {why}");
}
