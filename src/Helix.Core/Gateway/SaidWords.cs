using System.Collections.Frozen;

namespace Helix.Core.Gateway;

/// <summary>
/// What the words of two texts have to share to be answered alike: those that turn a meaning round, names, the language, the order where it matters;
/// and the one must not be the other with some words put in the place of others. Only hashes are kept.
/// </summary>
internal sealed class SaidWords
{
    private static readonly char[] s_blanks = [' ', '\t', '\r', '\u00a0', '\u3000'];
    private static readonly char[] s_joints = ['-', '/', '.', ',', ':', '_', '\''];

    /// <summary>Before and after them, the same two things mean something else the other way round.</summary>
    private static readonly FrozenSet<string> s_directions = string.Join(
        ' ',
        "from to into onto in than by over towards versus vs via through against von vom nach zu zum zur ins als gegen durch über",
        "à vers par contre desde hacia por contra da verso").Split(' ').ToFrozenSet(StringComparer.Ordinal);

    private readonly (ulong Turns, int Tongue, bool HasDirection) _said;

    /// <summary>What is left without the words that every sentence has, as it came.</summary>
    private readonly ulong[] _content;

    private readonly ulong[] _names;

    /// <summary>All, and their parts, sorted.</summary>
    private readonly ulong[] _words;

    private SaidWords(ulong turns, int tongue, bool hasDirection, List<ulong> content, List<ulong> names, List<ulong> words)
    {
        _content = [.. content];
        _names = [.. names.Distinct()];
        _words = [.. words.Concat(content).Distinct().Order()];
        _said = (turns, tongue, hasDirection || _names.Length > 1);
    }

    /// <summary>Bytes that it takes in memory, about.</summary>
    public long Size => 128 + (sizeof(ulong) * (long)(_content.Length + _names.Length + _words.Length));

    public static SaidWords Of(string text)
    {
        List<ulong> content = [], names = [], words = [];
        var tongues = new int[OpeningWords.Tongues];
        var (turns, begins, hasDirection) = (0UL, true, false);
        foreach (var token in text.Replace('’', '\'').Replace("\n", " \n ", StringComparison.Ordinal).Split(s_blanks, StringSplitOptions.RemoveEmptyEntries))
        {
            var bare = Bare(token);
            if (bare.Length > 0)
            {
                var plain = bare.EndsWith("'s", StringComparison.OrdinalIgnoreCase) ? bare[..^2] : bare;
                var small = plain.ToLowerInvariant();
                words.Add(SaidMarks.Hash(small, 0));
                foreach (var part in small.Split(s_joints, StringSplitOptions.RemoveEmptyEntries)) words.Add(SaidMarks.Hash(part, 0));
                var opening = OpeningWords.Of(small);
                for (var tongue = 0; tongue < tongues.Length; tongue++) tongues[tongue] += (opening >> tongue) & 1;
                if (TurningWords.Of(small) is { } turn) turns = SaidMarks.Hash(turn, turns);
                else if (opening == 0) Add(content, small);
                if (IsName(plain, begins && opening != 0)) names.Add(SaidMarks.Hash(small, 0));
                hasDirection |= s_directions.Contains(small);
            }

            begins = token == "\n" || EndsSentence(token) || (begins && bare.Length == 0);
        }

        return new(turns, TongueOf(tongues), hasDirection, content, names, words);
    }

    /// <summary>Whether both say the same of what a vector does not tell. A name in one has to stand somewhere in the other.</summary>
    public bool Agree(SaidWords other) => _said.Turns == other._said.Turns
        && (_said.Tongue == other._said.Tongue || _said.Tongue < 0 || other._said.Tongue < 0)
        && AreIn(_names, other._words) && AreIn(other._names, _words)
        && !IsFilledOtherwise(other)
        && (!(_said.HasDirection || other._said.HasDirection || _words.AsSpan().SequenceEqual(other._words)) || HasOrderOf(other));

    private static bool AreIn(ulong[] names, ulong[] words)
    {
        foreach (var name in names)
            if (!IsIn(words, name)) return false;
        return true;
    }

    private static bool IsIn(ulong[] words, ulong word) => Array.BinarySearch(words, word) >= 0;

    /// <summary>The same sentence, with other words in a few places: those are what it is about, in small letters too.</summary>
    private bool IsFilledOtherwise(SaidWords other)
    {
        var length = _content.Length;
        if (length != other._content.Length) return false;
        var others = 0;
        for (var at = 0; at < length; at++)
            if (_content[at] != other._content[at]) others++;
        return others > 0 && others <= Math.Max(1, (length + 1) / 3);
    }

    /// <summary>What both speak of comes in the same order.</summary>
    private bool HasOrderOf(SaidWords other) => _content.Where(word => IsIn(other._words, word)).SequenceEqual(other._content.Where(word => IsIn(_words, word)));

    /// <summary>One and several are the same. Where words are written without blanks between them, each letter counts.</summary>
    private static void Add(List<ulong> content, string word)
    {
        if (!word.Any(IsUnbroken)) content.Add(SaidMarks.Hash(word.Length > 3 && word[^1] == 's' ? word[..^1] : word, 0));
        else foreach (var rune in word.EnumerateRunes()) content.Add((ulong)rune.Value);
    }

    /// <summary>Chinese and Japanese, Thai, Lao, Burmese and Khmer.</summary>
    private static bool IsUnbroken(char letter) => letter is (>= '\u2e80' and < '\uac00') or (>= '\u0e00' and < '\u0f00') or (>= '\u1000' and < '\u10a0') or (>= '\u1780' and < '\u1800');

    /// <returns>The number of the language of most of its small words; below 0 where they do not tell.</returns>
    private static int TongueOf(int[] counts)
    {
        var most = counts.Max();
        return most > 0 && counts.Count(count => count == most) == 1 ? Array.IndexOf(counts, most) : -1;
    }

    /// <summary>Without what stands around a word and does not belong to it.</summary>
    private static string Bare(string token)
    {
        var (begin, end) = (0, token.Length);
        while (begin < end && !char.IsLetterOrDigit(token[begin])) begin++;
        while (end > begin && !char.IsLetterOrDigit(token[end - 1])) end--;
        return token[begin..end];
    }

    private static bool EndsSentence(string token)
    {
        var said = token.AsSpan().TrimEnd("\"'”»)]}*_");
        return !said.IsEmpty && said[^1] is '.' or '!' or '?' or ':' or '…';
    }

    /// <summary>What has a capital letter, letters with digits, and what programs are made of: paths, addresses, identifiers.</summary>
    /// <param name="opens">Its capital letter is only that of a sentence.</param>
    private static bool IsName(string word, bool opens)
    {
        // the one English word that is always written so
        if (word == "I" || word.StartsWith("I'", StringComparison.Ordinal)) return false;
        if (char.IsUpper(word[0]) && !opens) return true;
        var (hasLetter, hasDigit) = (false, false);
        for (var at = 0; at < word.Length; at++)
        {
            var letter = word[at];
            if ((at > 0 && char.IsUpper(letter)) || letter is '_' or '@' or '#' or '/' or '\\' or '.' or ':') return true;
            (hasLetter, hasDigit) = (hasLetter || char.IsLetter(letter), hasDigit || char.IsDigit(letter));
        }

        return hasLetter && hasDigit;
    }
}
