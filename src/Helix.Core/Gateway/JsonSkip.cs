using System.Buffers;

namespace Helix.Core.Gateway;

/// <summary>
/// Finds where a JSON value ends and checks on the way that it is one, as <see cref="System.Text.Json.Utf8JsonReader"/> does, several times as fast where
/// texts have escapes in them. Whoever is told that it is none asks that reader, which can say why.
/// </summary>
internal static class JsonSkip
{
    private static readonly SearchValues<byte> s_special = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(control => (byte)control), (byte)'"', (byte)'\\']);
    private static readonly SearchValues<byte> s_hex = SearchValues.Create("0123456789abcdefABCDEF"u8);

    /// <param name="text">Begins with the value, or with white space before it.</param>
    /// <param name="maxDepth">Arrays and objects within each other, itself included.</param>
    /// <returns>Bytes up to its end, white space before it included; −1 where it is no value, or not whole.</returns>
    public static int Length(ReadOnlySpan<byte> text, int maxDepth)
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
                    if (isObject && (at = Name(text, at)) < 0) return -1;
                    continue;
                case (byte)'"':
                    at = Text(text, at);
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
                if (inObject && (at = Name(text, Blank(text, at))) < 0) return -1;
                break;
            }
        }
    }

    private static int Blank(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && text[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t') at++;
        return at;
    }

    /// <summary>A member's name and the colon behind it.</summary>
    private static int Name(ReadOnlySpan<byte> text, int at)
    {
        if (at >= text.Length || text[at] != '"' || (at = Text(text, at)) < 0) return -1;
        at = Blank(text, at);
        return at < text.Length && text[at] == ':' ? at + 1 : -1;
    }

    private static int Text(ReadOnlySpan<byte> text, int at)
    {
        at++;
        while (true)
        {
            var length = text[at..].IndexOfAny(s_special);
            if (length < 0) return -1;
            at += length;
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
