using System.Buffers;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace Helix.Core.Gateway;

/// <summary>
/// Finds where a JSON value ends and checks on the way that it is one, as <see cref="System.Text.Json.Utf8JsonReader"/> does, several times as fast where
/// texts have escapes in them. Whoever is told that it is none asks that reader, which can say why.
/// </summary>
internal static class JsonSkip
{
    private static readonly SearchValues<byte> s_hex = SearchValues.Create("0123456789abcdefABCDEF"u8);

    /// <param name="text">Begins with the value, or with white space before it.</param>
    /// <param name="maxDepth">Arrays and objects within each other, itself included.</param>
    /// <returns>Bytes up to its end, white space before it included; −1 where it is no value, or not whole.</returns>
    public static int Length(ReadOnlySpan<byte> text, int maxDepth)
    {
        var isAscii = true;
        return Length(text, maxDepth, ref isAscii);
    }

    /// <summary>The same, which tells on its way whether anything but ASCII is in it.</summary>
    /// <param name="isAscii">Left as it is where there is not; false where there may be.</param>
    public static int Length(ReadOnlySpan<byte> text, int maxDepth, ref bool isAscii)
    {
        // one bit for each open bracket: whether it is an object's
        if (maxDepth > 64) throw new ArgumentOutOfRangeException(nameof(maxDepth), maxDepth, "At most 64 brackets are told apart.");
        var (objects, depth, at) = (0UL, 0, 0);
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
    public static int Blank(ReadOnlySpan<byte> text, int at)
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

    private static int Text(ReadOnlySpan<byte> text, int at, ref bool isAscii)
    {
        at++;
        while (true)
        {
            at = Special(text, at, ref isAscii);
            if (at == text.Length) return -1;
            if (text[at] == '"') return at + 1;
            if (text[at] != '\\' || at + 1 == text.Length) return -1;
            switch (text[at + 1])
            {
                case (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t':
                    at += 2;
                    break;
                case (byte)'u':
                    if (text.Length - at < 6 || text.Slice(at + 2, 4).ContainsAnyExcept(s_hex)) return -1;
                    at += 6;
                    break;
                default: return -1;
            }
        }
    }

    /// <summary>The next quote, backslash or control character; the end where there is none.</summary>
    /// <remarks>In texts with escapes these stand so near to each other that a call for each would cost more than to look for it.</remarks>
    private static int Special(ReadOnlySpan<byte> text, int at, ref bool isAscii)
    {
        var seen = Vector128<byte>.Zero;
        for (; text.Length - at >= Vector128<byte>.Count; at += Vector128<byte>.Count)
        {
            var bytes = Vector128.Create(text.Slice(at, Vector128<byte>.Count));
            var special = Vector128.Equals(bytes, Vector128.Create((byte)'"')) | Vector128.Equals(bytes, Vector128.Create((byte)'\\')) | Vector128.LessThan(bytes, Vector128.Create((byte)' '));
            seen |= bytes;
            if (special == Vector128<byte>.Zero) continue;
            isAscii &= seen.ExtractMostSignificantBits() == 0;
            return at + BitOperations.TrailingZeroCount(special.ExtractMostSignificantBits());
        }

        isAscii &= seen.ExtractMostSignificantBits() == 0;
        for (; at < text.Length; at++)
        {
            if (text[at] is (byte)'"' or (byte)'\\' or < (byte)' ') break;
            isAscii &= text[at] < 0x80;
        }

        return at;
    }

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
