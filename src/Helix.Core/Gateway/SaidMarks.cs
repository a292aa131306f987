using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace Helix.Core.Gateway;

/// <summary>
/// What two texts have to share to be answered alike, however near they are in meaning: numbers, signs, what stands in quotation marks, alphabets, and
/// what <see cref="SaidWords"/> tells. A vector says little of all that. Only hashes are kept.
/// </summary>
internal sealed class SaidMarks
{
    private const string Signs = "%*/\\@#&不没沒無无非否未别別勿";

    private readonly (ulong Numbers, ulong Quotes, ulong Scripts) _said;
    private readonly SaidWords _words;

    private SaidMarks((ulong Numbers, ulong Quotes, ulong Scripts) said, SaidWords words) => (_said, _words) = (said, words);

    /// <summary>Bytes that it takes in memory, about.</summary>
    public long Size => 64 + _words.Size;

    /// <param name="text">Any.</param>
    public static SaidMarks Of(string text) => new((NumbersOf(text), QuotesOf(text), ScriptsOf(text)), SaidWords.Of(text));

    /// <summary>Whether both say the same of what a vector does not tell.</summary>
    public bool Agree(SaidMarks other) => _said == other._said && _words.Agree(other._words);

    /// <param name="before">Of what stands before it.</param>
    public static ulong Hash(ReadOnlySpan<char> text, ulong before) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(text), (long)before);

    /// <summary>Of digits and signs in their order. Digits that stand together are one number.</summary>
    private static ulong NumbersOf(string text)
    {
        Rune[] runes = [.. text.EnumerateRunes()];
        var said = new StringBuilder();
        for (var at = 0; at < runes.Length; at++)
        {
            if (IsNumeral(at)) said.Append(runes[at].ToString());
            else if (runes[at].Value is '.' or ',' or ':' or '\'' && IsNumeral(at - 1) && IsNumeral(at + 1)) said.Append(runes[at].ToString());
            else if (IsSign(at)) said.Append(' ').Append(runes[at].ToString()).Append(' ');
            else said.Append(' ');
        }

        var hash = 0UL;
        foreach (var part in said.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries)) hash = Hash(part, hash);
        return hash;

        bool IsNumeral(int place) => place >= 0 && place < runes.Length && Rune.GetNumericValue(runes[place]) >= 0;

        bool IsSign(int place) => Rune.IsSymbol(runes[place])
            || (runes[place].IsBmp && Signs.Contains((char)runes[place].Value, StringComparison.Ordinal))
            || (runes[place].Value is '-' or '−' or '–' && (IsNumeral(place - 1) || IsNumeral(place + 1) || (place > 0 && Rune.IsWhiteSpace(runes[place - 1]) && (IsNumeral(place - 2) || IsNumeral(place + 2)))));
    }

    private static ulong QuotesOf(string text)
    {
        var hash = 0UL;
        for (var at = 0; at < text.Length; at++)
        {
            if (QuoteAt(text, at) is not var (begin, end)) continue;
            hash = Hash(text.AsSpan(begin, end - begin), hash);
            // not among the closing ones
            at = end + (begin - at) - 1;
        }

        return hash;
    }

    /// <returns>Where that begins and ends which is quoted from here on; null where nothing is.</returns>
    private static (int Begin, int End)? QuoteAt(string text, int at)
    {
        switch (text[at])
        {
            case '`':
                var ticks = text.AsSpan(at).IndexOfAnyExcept('`') is > 0 and var count ? count : text.Length - at;
                return Between(at + ticks, text.IndexOf(new string('`', ticks), at + ticks, StringComparison.Ordinal));
            case '"': return Between(at + 1, text.IndexOf('"', at + 1));
            case '“': return Between(at + 1, text.IndexOf('”', at + 1));
            case '„': return Between(at + 1, text.AsSpan(at + 1).IndexOfAny('“', '”') is >= 0 and var length ? at + 1 + length : -1);
            case '«': return Between(at + 1, text.IndexOf('»', at + 1));
            case '「': return Between(at + 1, text.IndexOf('」', at + 1));
            // within a word they are apostrophes
            case '\'' or '‘' when at == 0 || !char.IsLetterOrDigit(text[at - 1]): return Between(at + 1, ClosingAfter(text, at));
            default: return null;
        }

        static (int, int)? Between(int begin, int end) => end < begin ? null : (begin, end);
    }

    private static int ClosingAfter(string text, int at)
    {
        for (var end = at + 1; end < text.Length; end++)
            if (text[end] is '\'' or '’' && (end + 1 == text.Length || !char.IsLetterOrDigit(text[end + 1]))) return end;
        return -1;
    }

    /// <summary>In which alphabets it is written, a bit for each.</summary>
    private static ulong ScriptsOf(string text)
    {
        var scripts = 0UL;
        foreach (var rune in text.EnumerateRunes())
        {
            if (!Rune.IsLetter(rune)) continue;
            var script = rune.Value switch
            {
                // Latin, and what Vietnamese adds to it
                < 0x250 or (>= 0x1e00 and < 0x1f00) => 0,
                < 0x2e80 => rune.Value >> 8,
                >= 0x3040 and < 0x3100 => 47,
                >= 0xac00 and < 0xd7b0 => 48,
                _ => 49,
            };
            scripts |= 1UL << script;
        }

        return scripts;
    }
}
