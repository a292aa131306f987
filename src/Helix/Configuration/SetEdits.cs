using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Helix.Core.Configuration;

namespace Helix.Configuration;

/// <summary>
/// The ways in which a value could be written into a text, the most natural first. None of them is trusted:
/// <see cref="ConfigEdit"/> takes the first whose result reads as it should.
/// </summary>
internal static class SetEdits
{
    public static IEnumerable<string> For(string text, YamlNode? root, Setting setting, JsonNode value)
    {
        var pair = $"{setting.Key}: {YamlText.Of(value)}";
        if (root is not YamlNode.Map sections) return [NewSection(text, "", "  ", setting.Section, pair)];
        if (sections.Find(setting.Section) is not { } section)
        {
            return sections.Flow
                ? IntoBraces(text, sections, $"{setting.Section}: {{{pair}}}")
                : [NewSection(text, Indent(text, sections), Step(text, sections), setting.Section, pair)];
        }

        return section.Value switch
        {
            YamlNode.Map keys when keys.Find(setting.Key) is { } entry => Replace(text, entry, value),
            YamlNode.Map { Flow: true } keys => IntoBraces(text, keys, pair),
            YamlNode.Map keys => IntoBlock(text, sections, section, keys, setting.Key, pair),
            { IsEmpty: true } when !sections.Flow => IntoEmpty(text, sections, section, setting.Key, pair),
            { IsEmpty: true } => [AfterColon(text, section, $"{{{pair}}}")],
            var nothing => [text[..nothing.Start] + $"{{{pair}}}" + text[nothing.End..]],
        };
    }

    private static string NewSection(string text, string indent, string step, string section, string pair) =>
        TextLines.Insert(text, text.Length, $"{indent}{section}:{TextLines.EndOfLine(text)}{indent}{step}{pair}");

    private static IEnumerable<string> IntoBraces(string text, YamlNode.Map map, string pair)
    {
        if (map.Entries.Length > 0)
        {
            var end = Math.Max(map.Entries[^1].Key.End, map.Entries[^1].Value.End);
            yield return text.Insert(end, $", {pair}");
        }

        yield return text.Insert(map.Start + 1, map.Entries.Length > 0 ? $"{pair}, " : pair);
    }

    private static IEnumerable<string> IntoBlock(
        string text, YamlNode.Map sections, YamlEntry section, YamlNode.Map keys, string key, string pair)
    {
        var line = Indent(text, keys) + pair;
        if (BelowComment(text, sections, section, key) is { } below) yield return TextLines.Insert(text, below, line);
        yield return TextLines.Insert(text, TextLines.LineAfter(text, keys.End), line);
        yield return TextLines.Insert(text, TextLines.StartOfLine(text, keys.Start), line);
    }

    private static IEnumerable<string> IntoEmpty(string text, YamlNode.Map sections, YamlEntry section, string key, string pair)
    {
        var line = Indent(text, sections) + Step(text, sections) + pair;
        if (BelowComment(text, sections, section, key) is { } below) yield return TextLines.Insert(text, below, line);
        yield return TextLines.Insert(text, TextLines.NextLine(text, section.Key.End), line);
    }

    /// <summary>The line below the one where the key stands commented out, as in the file that helix writes at first.</summary>
    private static int? BelowComment(string text, YamlNode.Map sections, YamlEntry section, string key)
    {
        var from = TextLines.NextLine(text, section.Key.End);
        var next = sections.Entries.FirstOrDefault(entry => entry.Key.Start > section.Key.Start);
        var to = next is null ? text.Length : TextLines.StartOfLine(text, next.Key.Start);
        if (from >= to) return null;
        var match = Regex.Match(text[from..to], $@"^[ \t]+#[ \t]*{key}[ \t]*:", RegexOptions.Multiline | RegexOptions.CultureInvariant);
        return match.Success ? TextLines.NextLine(text, from + match.Index) : null;
    }

    private static IEnumerable<string> Replace(string text, YamlEntry entry, JsonNode value)
    {
        var old = entry.Value;
        if (old.IsEmpty) return [AfterColon(text, entry, YamlText.Of(value))];
        if (old is YamlNode.Scalar { Block: true })
        {
            var after = text[old.End - 1] == '\n' ? TextLines.EndOfLine(text) : "";
            return [text[..old.Start] + YamlText.Of(value) + after + text[old.End..]];
        }

        var inside = YamlComment.AllOf(text).Where(comment => comment.Start > old.Start && comment.Start < TextLines.NextLine(text, old.End)).ToList();
        if (old.IsBlock)
        {
            var from = TextLines.StartOfLine(text, old.Start);
            var rest = text[..from] + Lines(text, TextLines.Column(text, entry.Key.Start), inside) + text[TextLines.LineAfter(text, old.End)..];
            return [AfterColon(rest, entry, YamlText.Of(value))];
        }

        var written = YamlText.Of(value, text[old.Start..old.End]);
        var within = inside.Where(comment => comment.Start < old.End).ToList();
        var edited = text[..old.Start] + written + text[old.End..];
        return [within.Count == 0
            ? edited
            : edited.Insert(TextLines.NextLine(edited, old.Start + written.Length), Lines(text, TextLines.Column(text, entry.Key.Start), within))];
    }

    private static string Lines(string text, int column, IEnumerable<YamlComment> comments) =>
        string.Concat(comments.Select(comment => new string(' ', column) + comment.Text + TextLines.EndOfLine(text)));

    private static string AfterColon(string text, YamlEntry entry, string value) =>
        text.IndexOf(':', entry.Key.End) is >= 0 and var colon ? text.Insert(colon + 1, $" {value}") : text;

    private static string Indent(string text, YamlNode.Map map) => new(' ', TextLines.Column(text, map.Start));

    /// <summary>How much deeper this text writes the keys of a section.</summary>
    private static string Step(string text, YamlNode.Map sections) =>
        sections.Entries.Select(entry => entry.Value).OfType<YamlNode.Map>().FirstOrDefault(keys => !keys.Flow) is { } keys
            ? new(' ', Math.Max(1, TextLines.Column(text, keys.Start) - TextLines.Column(text, sections.Start)))
            : "  ";
}
