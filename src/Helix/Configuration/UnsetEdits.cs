using Helix.Core.Configuration;

namespace Helix.Configuration;

/// <summary>The ways in which a key could be taken out of a text; <see cref="ConfigEdit"/> takes the first whose result reads as it should.</summary>
internal static class UnsetEdits
{
    public static IEnumerable<string> For(string text, YamlNode.Map keys, YamlEntry entry)
    {
        var end = Math.Max(entry.Key.End, entry.Value.End);
        if (!keys.Flow)
        {
            var from = TextLines.StartOfLine(text, entry.Key.Start);
            var to = TextLines.LineAfter(text, end);
            var kept = YamlComment.AllOf(text).Where(comment => comment.OwnLine && comment.Start > from && comment.Start < to);
            var lines = kept.Select(comment => text[TextLines.StartOfLine(text, comment.Start)..TextLines.NextLine(text, comment.Start)]);
            yield return text[..from] + string.Concat(lines) + text[to..];
            yield break;
        }

        var index = keys.Entries.IndexOf(entry);
        if (index > 0)
            yield return text[..Math.Max(keys.Entries[index - 1].Key.End, keys.Entries[index - 1].Value.End)] + text[end..];
        else if (keys.Entries.Length > 1)
            yield return text[..entry.Key.Start] + text[keys.Entries[1].Key.Start..];
        else
            yield return text[..(keys.Start + 1)] + text[(keys.End - 1)..];
    }
}
