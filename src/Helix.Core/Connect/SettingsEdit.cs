using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Helix.Core.Connect;

/// <summary>Puts helix's settings into the text of a tool's settings, and takes them out again.</summary>
internal static class SettingsEdit
{
    private const char ByteOrderMark = '\uFEFF';

    /// <param name="text">Empty where there is no file.</param>
    public static SettingsOutcome Set(ISettingsText format, string text, IReadOnlyList<ToolSetting> settings)
    {
        try
        {
            var (mark, edited) = Plain(text);
            foreach (var setting in format.InsertsFirst ? settings.Reverse() : settings)
            {
                edited = format.Find(edited, setting) switch
                {
                    null => format.Insert(edited, setting),
                    { Same: true } => edited,
                    _ => format.Replace(edited, setting),
                };
            }

            // no edit is trusted: what was written must be what is read
            foreach (var setting in settings)
            {
                if (format.Find(edited, setting) is not { Same: true })
                    return new SettingsOutcome.Refused($"helix cannot set {setting} without harm to the rest of the file");
            }

            return new SettingsOutcome.Edited(mark + edited);
        }
        catch (SettingsRefusedException refused)
        {
            return new SettingsOutcome.Refused(refused.Message);
        }
    }

    /// <summary>
    /// The text as it was before where nothing else happened to it. Else each setting that still has helix's value
    /// gets its old one back, or is taken out; all else stays.
    /// </summary>
    /// <param name="before">The text before <paramref name="settings"/> were set; null where there was no file.</param>
    public static SettingsOutcome Undo(ISettingsText format, string current, string? before, IReadOnlyList<ToolSetting> settings)
    {
        if (Set(format, before ?? "", settings) is SettingsOutcome.Edited(var untouched) && untouched == current) return new SettingsOutcome.Undone(before, []);
        try
        {
            var (mark, text) = Plain(current);
            var old = Plain(before ?? "").Text;
            var left = new List<ToolSetting>();
            foreach (var setting in settings.Reverse())
            {
                if (format.Find(text, setting) is not { } place) continue;
                var was = format.Find(old, setting) is { } there ? old[there.Start..there.End] : null;
                if (!place.Same && !place.SameButKey)
                {
                    // one that is as it was before has been put back already
                    if (text[place.Start..place.End] != was) left.Insert(0, setting);
                }
                else if (was is not null)
                {
                    // where there was no value, no blank was before it either
                    text = (was.Length == 0 ? text[..place.Start].TrimEnd(' ') : text[..place.Start]) + was + text[place.End..];
                }
                else
                {
                    text = WithoutEmptyParents(format, format.Remove(text, setting), old, setting);
                }
            }

            return new SettingsOutcome.Undone(before is null && IsEmpty(text) ? null : mark + text, [.. left]);
        }
        catch (SettingsRefusedException refused)
        {
            return new SettingsOutcome.Refused(refused.Message);
        }
    }

    /// <summary>What was made only to hold the setting goes with it.</summary>
    private static string WithoutEmptyParents(ISettingsText format, string text, string old, ToolSetting setting)
    {
        for (var depth = setting.Path.Length - 1; depth > 0; depth--)
        {
            JsonNode nothing = setting.Path[depth] == ToolSetting.Item ? new JsonArray() : new JsonObject();
            var parent = new ToolSetting(setting.Path.Take(depth).ToImmutableArray(), nothing);
            if (format.Find(old, parent) is not null || format.Find(text, parent) is not { Same: true }) break;
            text = format.Remove(text, parent);
        }

        return text;
    }

    private static bool IsEmpty(string text) => string.Concat(text.Where(letter => !char.IsWhiteSpace(letter))) is "" or "{}" or "[]";

    private static (string Mark, string Text) Plain(string text) => text.StartsWith(ByteOrderMark) ? (text[..1], text[1..]) : ("", text);
}
