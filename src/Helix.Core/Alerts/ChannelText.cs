using System.Text;

namespace Helix.Core.Alerts;

/// <summary>Words that came from anywhere, as channels want them written: with nothing in them that is more than words, and never longer than there is room for.</summary>
internal static class ChannelText
{
    /// <summary>As much of a text as there is room for, once each of its letters is written as the channel wants it. No letter, and nothing that stands for one, is torn apart.</summary>
    /// <param name="most">Characters, at least 1.</param>
    /// <param name="written">What stands for the letter at this place.</param>
    public static string Fit(string text, int most, Func<string, int, string> written)
    {
        var fitted = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            var isPair = char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]);
            var piece = isPair ? text.Substring(at, 2) : char.IsSurrogate(text[at]) ? "\ufffd" : written(text, at);
            at += isPair ? 2 : 1;
            // unless this is its end, there must be room for the mark that more would come
            if (fitted.Length + piece.Length > (at == text.Length ? most : most - 1)) return fitted.Append('…').ToString();
            fitted.Append(piece);
        }

        return fitted.ToString();
    }

    /// <summary>For Slack: what begins a mention or a link is no beginning any more, and what would make letters bold stands beside a space that has no width.</summary>
    public static string Slack(string text, int at) => text[at] switch
    {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '`' => "'",
        '*' or '_' or '~' when !IsWithinWord(text, at) => $"\u200b{text[at]}\u200b",
        var letter => letter.ToString(),
    };

    /// <summary>For Discord: what would be a mark has a backslash before it.</summary>
    public static string Discord(string text, int at) => text[at] is '\\' or '*' or '_' or '~' or '`' or '|' or '<' or '>' or '[' or ']' or '(' or ')' or '#' ? $"\\{text[at]}" : text[at].ToString();

    /// <summary>A mark between two letters, as in engine_down, makes nothing bold, and who copies the word wants it whole.</summary>
    private static bool IsWithinWord(string text, int at) => at > 0 && at + 1 < text.Length && char.IsLetterOrDigit(text[at - 1]) && char.IsLetterOrDigit(text[at + 1]);
}
