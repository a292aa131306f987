using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Helix.Core.Gateway;

/// <summary>An answer as it is compared with another one; it is not kept.</summary>
/// <param name="Text">Without thoughts.</param>
internal sealed record SaidAnswer(string Text, ImmutableArray<KeptCall> Calls);

/// <summary>How alike two answers to one request are.</summary>
/// <param name="IsEqual">They say the same: in the same text but for its blanks, or in the same JSON; and the same calls of tools, in the same order.</param>
/// <param name="Share">Of all their words, those that both have, from 0 to 1: Dice's coefficient, each word as often as it stands there. Capitals and signs do not count.</param>
internal readonly record struct Likeness(bool IsEqual, double Share)
{
    /// <summary>From here on (Chinese, Japanese, Korean), each letter counts as a word: there are no blanks between them.</summary>
    private const char FirstWide = '\u2e80';

    public static Likeness Of(SaidAnswer one, SaidAnswer other) =>
        IsSameText(one.Text, other.Text) && one.Calls.Length == other.Calls.Length && one.Calls.Zip(other.Calls).All(pair => IsSameCall(pair.First, pair.Second))
            ? new(true, 1)
            : new(false, ShareOf(one, other));

    private static bool IsSameCall(KeptCall one, KeptCall other) => one.Name == other.Name && (one.Arguments == other.Arguments || IsSameJson(one.Arguments, other.Arguments));

    private static bool IsSameText(string one, string other) => Squeezed(one) == Squeezed(other) || (IsStructure(one) && IsStructure(other) && IsSameJson(one, other));

    private static string Squeezed(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>As a text, 1 and 1.0 are not the same.</summary>
    private static bool IsStructure(string text) => text.AsSpan().TrimStart() is ['{' or '[', ..];

    private static bool IsSameJson(string one, string other)
    {
        try
        {
            using var first = JsonDocument.Parse(Encoding.UTF8.GetBytes(one));
            using var second = JsonDocument.Parse(Encoding.UTF8.GetBytes(other));
            return JsonElement.DeepEquals(first.RootElement, second.RootElement);
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException or ArgumentException)
        {
            // no JSON, or one with half of a character or a number beyond all bounds in it: the letters decide
            return false;
        }
    }

    private static double ShareOf(SaidAnswer one, SaidAnswer other)
    {
        var left = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var (all, common) = (0, 0);
        foreach (var word in WordsOf(one))
        {
            left[word] = left.GetValueOrDefault(word) + 1;
            all++;
        }

        foreach (var word in WordsOf(other))
        {
            all++;
            if (left.GetValueOrDefault(word) is not (> 0 and var count)) continue;
            left[word] = count - 1;
            common++;
        }

        return all == 0 ? 0 : 2.0 * common / all;
    }

    private static IEnumerable<string> WordsOf(SaidAnswer said) => WordsOf(said.Text).Concat(said.Calls.SelectMany(call => WordsOf(call.Arguments).Prepend(call.Name)));

    private static IEnumerable<string> WordsOf(string text)
    {
        var begin = -1;
        for (var at = 0; at < text.Length; at++)
        {
            var isLetter = char.IsLetterOrDigit(text[at]);
            var isWord = isLetter && text[at] >= FirstWide;
            if (begin >= 0 && (!isLetter || isWord))
            {
                yield return text[begin..at];
                begin = -1;
            }

            if (isWord) yield return text[at..(at + 1)];
            else if (isLetter && begin < 0) begin = at;
        }

        if (begin >= 0) yield return text[begin..];
    }
}
