using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Helix.Core.Models;

/// <summary>One token of a scripted answer.</summary>
/// <param name="Text">Its text in the vocabulary, different from every other token's.</param>
/// <param name="IsByte">True if it stands for the one byte that its text names.</param>
internal sealed record ScriptedPiece(string Text, bool IsByte);

/// <summary>
/// Cuts an answer into tokens that no prompt can contain, so that each is reached only from the one before it.
/// A prompt is spelled byte by byte: the tokenizer joins two symbols only into a token that exists, and none has two.
/// </summary>
internal static class ScriptedPieces
{
    private const char Blank = ' ';
    private const char BlankInVocabulary = '\u2581';
    private const int ShortestWord = 3;

    public static ImmutableArray<ScriptedPiece> Cut(string answer)
    {
        var pieces = ImmutableArray.CreateBuilder<ScriptedPiece>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var word = new StringBuilder();
        for (var i = 0; i < answer.Length; i++)
        {
            word.Append(answer[i]);
            var ends = i + 1 == answer.Length || (!char.IsWhiteSpace(answer[i]) && char.IsWhiteSpace(answer[i + 1]));
            if (!ends)
                continue;
            var text = word.ToString();
            if (!Spellable(text))
                Spell(text, pieces);
            else if (seen.Add(text))
                pieces.Add(new ScriptedPiece(text.Replace(Blank, BlankInVocabulary), IsByte: false));
            else if (i + 1 < answer.Length)
                continue; // was there already: joined with the next word until the whole is new
            else
                Spell(text, pieces);
            word.Clear();
        }

        return pieces.ToImmutable();
    }

    /// <summary>Engines read marks such as <c>&lt;EOT&gt;</c> or <c>[PAD]</c> into a token's text, so nothing that could be one is a token of its own.</summary>
    private static bool Spellable(string text) =>
        text.EnumerateRunes().Count() >= ShortestWord && text.AsSpan().IndexOfAny(BlankInVocabulary, '<', '[') < 0 && !text.Contains('\0');

    private static void Spell(string text, ImmutableArray<ScriptedPiece>.Builder pieces)
    {
        foreach (var value in Encoding.UTF8.GetBytes(text))
            pieces.Add(new ScriptedPiece(string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>{pieces.Count}"), IsByte: true));
    }
}
