using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Helix.Core.Gateway;

/// <summary>
/// Finds where a JSON value ends and checks on the way that it is one, as <see cref="System.Text.Json.Utf8JsonReader"/> does, several times as fast where
/// texts have escapes in them. Whoever is told that it is none asks that reader, which can say why.
/// </summary>
internal static class JsonSkip
{
    /// <summary>Bytes of a text with escapes that are looked at together: one bit of a mask for each.</summary>
    private const int Block = 64;

    /// <summary>What may stand behind a backslash but for u: a bit for each byte.</summary>
    private static ReadOnlySpan<ulong> Escapes =>
    [
        1UL << '"' | 1UL << '/',
        1UL << ('\\' - 64) | 1UL << ('b' - 64) | 1UL << ('f' - 64) | 1UL << ('n' - 64) | 1UL << ('r' - 64) | 1UL << ('t' - 64),
        0,
        0,
    ];

    /// <param name="at">Where the value begins, or white space before it.</param>
    /// <param name="maxDepth">Arrays and objects within each other, itself included.</param>
    /// <param name="isAscii">Left as it is where nothing but ASCII is in it; false where there may be, in it or around it.</param>
    /// <returns>Where it ends; −1 where it is no value, or not whole.</returns>
    public static int End(ReadOnlySpan<byte> text, int at, int maxDepth, ref bool isAscii)
    {
        // one bit for each open bracket: whether it is an object's
        if (maxDepth > 64) throw new ArgumentOutOfRangeException(nameof(maxDepth), maxDepth, "At most 64 brackets are told apart.");
        var (objects, depth) = (0UL, 0);
        while (true)
        {
            // a value is to come
            at = Blank(text, at);
            if (at == text.Length) return -1;
            switch (text[at])
            {
                case (byte)'{':
                case (byte)'[':
                    if (depth++ == maxDepth) return -1;
                    var isObject = text[at++] == '{';
                    objects = objects << 1 | (isObject ? 1UL : 0);
                    at = Blank(text, at);
                    if (at == text.Length) return -1;
                    if (text[at] == (isObject ? '}' : ']')) break;
                    if (isObject && (at = Name(text, at, ref isAscii)) < 0) return -1;
                    continue;
                case (byte)'"':
                    at = Text(text, at, ref isAscii);
                    break;
                case (byte)'t': at = Word(text, at, "true"u8); break;
                case (byte)'f': at = Word(text, at, "false"u8); break;
                case (byte)'n': at = Word(text, at, "null"u8); break;
                default: at = Number(text, at); break;
            }

            if (at < 0) return -1;
            // the value is over, or a bracket is to be closed
            while (true)
            {
                if (depth == 0) return at;
                at = Blank(text, at);
                if (at == text.Length) return -1;
                var inObject = (objects & 1) != 0;
                if (text[at] == (inObject ? '}' : ']'))
                {
                    (at, depth, objects) = (at + 1, depth - 1, objects >> 1);
                    continue;
                }

                if (text[at] != ',') return -1;
                at++;
                if (inObject && (at = Name(text, Blank(text, at), ref isAscii)) < 0) return -1;
                break;
            }
        }
    }

    /// <summary>Where white space ends that may begin there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Blank(ReadOnlySpan<byte> text, int at) => at < text.Length && text[at] <= ' ' ? BlankEnd(text, at) : at;

    /// <summary>Where ASCII ends that stands for itself in a text: at a quote, a backslash, a control character, or what is no ASCII.</summary>
    public static int Plain(ReadOnlySpan<byte> text, int at)
    {
        for (; text.Length - at >= Vector128<byte>.Count; at += Vector128<byte>.Count)
        {
            var bytes = Vector128.Create(text.Slice(at, Vector128<byte>.Count));
            // what is no ASCII has the uppermost bit
            var others = (Special(bytes) | bytes).ExtractMostSignificantBits();
            if (others != 0) return at + BitOperations.TrailingZeroCount(others);
        }

        while (at < text.Length && text[at] is >= (byte)' ' and < 0x80 and not ((byte)'"' or (byte)'\\')) at++;
        return at;
    }

    private static int BlankEnd(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && text[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t') at++;
        return at;
    }

    /// <summary>A member's name and the colon behind it.</summary>
    private static int Name(ReadOnlySpan<byte> text, int at, ref bool isAscii)
    {
        if (at >= text.Length || text[at] != '"' || (at = Text(text, at, ref isAscii)) < 0) return -1;
        at = Blank(text, at);
        return at < text.Length && text[at] == ':' ? at + 1 : -1;
    }

    /// <param name="at">Where its quote stands.</param>
    private static int Text(ReadOnlySpan<byte> text, int at, ref bool isAscii)
    {
        at = Plain(text, at + 1);
        if (at < text.Length && text[at] == '"') return at + 1;
        return text.Length < Block ? TextEndByByte(text, at, ref isAscii) : TextEndByBlock(text, at, ref isAscii);
    }

    /// <summary>Behind the quote with which a text ends, of whatever there is in it.</summary>
    /// <remarks>
    /// Escapes stand so near to each other that to look for one after the other would cost more than to read what is between them: all of a block are found at
    /// once, and then gone through. In vectors of 128 bits: helix is built for processors that may have no wider ones, and a check for them is never true there.
    /// </remarks>
    /// <param name="text">At least a block.</param>
    /// <param name="at">In the text, and behind no backslash.</param>
    private static int TextEndByBlock(ReadOnlySpan<byte> text, int at, ref bool isAscii)
    {
        var seen = Vector128<byte>.Zero;
        while (at < text.Length)
        {
            // the last block begins earlier, with what was gone through already
            var begin = Math.Min(at, text.Length - Block);
            var block = text.Slice(begin, Block);
            var (first, second) = (Vector128.Create(block[..16]), Vector128.Create(block.Slice(16, 16)));
            var (third, fourth) = (Vector128.Create(block.Slice(32, 16)), Vector128.Create(block.Slice(48, 16)));
            seen |= first | second | third | fourth;
            var special = (SpecialBits(first) | SpecialBits(second) << 16 | SpecialBits(third) << 32 | SpecialBits(fourth) << 48) >> (at - begin);
            var next = begin + Block;
            while (special != 0)
            {
                var bit = BitOperations.TrailingZeroCount(special);
                var place = at + bit;
                if (text[place] == '"')
                {
                    isAscii &= seen.ExtractMostSignificantBits() == 0;
                    return place + 1;
                }

                if (text[place] != '\\' || !IsEscape(text, place)) return -1;
                // what is escaped is nothing special, also where it begins the next block
                special &= ~(3UL << bit);
                if (place + 1 == next) next++;
            }

            at = next;
        }

        return -1;
    }

    /// <summary>The same where there is less than a block.</summary>
    private static int TextEndByByte(ReadOnlySpan<byte> text, int at, ref bool isAscii)
    {
        for (; at < text.Length; at++)
        {
            switch (text[at])
            {
                case (byte)'"': return at + 1;
                case (byte)'\\':
                    if (!IsEscape(text, at)) return -1;
                    at++;
                    break;
                case < (byte)' ': return -1;
                case >= 0x80:
                    isAscii = false;
                    break;
            }
        }

        return -1;
    }

    /// <param name="at">Where the backslash stands.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsEscape(ReadOnlySpan<byte> text, int at)
    {
        if (at + 1 >= text.Length) return false;
        var kind = text[at + 1];
        return (Escapes[kind >> 6] >> kind & 1) != 0 || (kind == 'u' && IsCode(text[(at + 2)..]));
    }

    private static bool IsCode(ReadOnlySpan<byte> digits) =>
        digits.Length >= 4 && char.IsAsciiHexDigit((char)digits[0]) && char.IsAsciiHexDigit((char)digits[1]) && char.IsAsciiHexDigit((char)digits[2]) && char.IsAsciiHexDigit((char)digits[3]);

    /// <summary>All ones for each quote, backslash and control character.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Special(Vector128<byte> bytes) =>
        // a comparison without signs would take two steps more on x64
        Vector128.Equals(bytes, Vector128.Create((byte)'"')) | Vector128.Equals(bytes, Vector128.Create((byte)'\\')) | Vector128.Equals(bytes, Vector128.Min(bytes, Vector128.Create((byte)0x1F)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong SpecialBits(Vector128<byte> bytes) => Special(bytes).ExtractMostSignificantBits();

    private static int Word(ReadOnlySpan<byte> text, int at, ReadOnlySpan<byte> word) => text[at..].StartsWith(word) ? at + word.Length : -1;

    private static int Number(ReadOnlySpan<byte> text, int at)
    {
        if (text[at] == '-') at++;
        if (at == text.Length) return -1;
        if (text[at] == '0') at++;
        else if ((at = Digits(text, at)) < 0) return -1;
        if (at < text.Length && text[at] == '.' && (at = Digits(text, at + 1)) < 0) return -1;
        if (at >= text.Length || text[at] is not ((byte)'e' or (byte)'E')) return at;
        at++;
        if (at < text.Length && text[at] is (byte)'+' or (byte)'-') at++;
        return Digits(text, at);
    }

    /// <returns>−1 where there is none.</returns>
    private static int Digits(ReadOnlySpan<byte> text, int at)
    {
        var begin = at;
        while (at < text.Length && text[at] is >= (byte)'0' and <= (byte)'9') at++;
        return at > begin ? at : -1;
    }
}
