using System.Collections.Frozen;

namespace Helix.Core.Gateway;

/// <summary>A header's value with what stands behind it: <c>form-data; name="x"; filename="y"</c>.</summary>
/// <param name="Kind">What stands before the first semicolon, in small letters.</param>
/// <param name="Values">By names in small letters; what stood between quotes is as it was, signs of escape included.</param>
internal sealed record HeaderParameters(string Kind, IReadOnlyDictionary<string, string> Values)
{
    /// <returns>Null where it is not written so, or a name comes twice: others might take the other one.</returns>
    public static HeaderParameters? Read(string header)
    {
        var at = header.IndexOf(';', StringComparison.Ordinal);
        var kind = (at < 0 ? header : header[..at]).Trim(' ', '\t').ToLowerInvariant();
        if (kind.Length == 0) return null;
        if (at < 0) return new(kind, FrozenDictionary<string, string>.Empty);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        while (at < header.Length)
        {
            var sign = header.IndexOf('=', at);
            if (header[at] != ';' || sign < 0) return null;
            // some keep a blank before the sign in the name, others do not
            var name = header[(at + 1)..sign].TrimStart(' ', '\t').ToLowerInvariant();
            if (!IsToken(name) || Value(header, sign + 1) is not var (value, next) || !values.TryAdd(name, value)) return null;
            at = next;
        }

        return new(kind, values);
    }

    /// <summary>A word that needs no quotes in a header.</summary>
    public static bool IsToken(ReadOnlySpan<char> text) => text.Length > 0 && !text.ContainsAnyExcept(HeaderLetters.Token);

    /// <returns>A value and where the next semicolon stands, or the end; null where there is none.</returns>
    private static (string Value, int Next)? Value(string header, int at)
    {
        int end, next;
        if (at < header.Length && header[at] == '"')
        {
            for (end = ++at; end < header.Length && header[end] != '"'; end++)
                if (header[end] == '\\') end++;
            if (end >= header.Length) return null;
            next = end + 1;
            while (next < header.Length && header[next] is ' ' or '\t') next++;
            return next == header.Length || header[next] == ';' ? (header[at..end], next) : null;
        }

        next = header.IndexOf(';', at);
        if (next < 0) next = header.Length;
        for (end = next; end > at && header[end - 1] is ' ' or '\t'; end--) { }
        return end > at && !header.AsSpan(at, end - at).ContainsAny(HeaderLetters.NeedsQuotes) ? (header[at..end], next) : null;
    }
}
