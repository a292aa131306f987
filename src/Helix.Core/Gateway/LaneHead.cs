using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;

namespace Helix.Core.Gateway;

internal enum LaneVerdict
{
    /// <summary>The whole head is there, and there is one way only to read it.</summary>
    Simple,

    /// <summary>The beginning of a simple head; the rest has not come yet.</summary>
    More,

    /// <summary>Not simple, and no byte that comes could make it so. It may still be a proper request.</summary>
    Odd,
}

/// <summary>
/// The head of a plain request to a model, in HTTP/1.1. Reads no other, and none that two readers could read in two ways: whatever is not certainly simple is
/// left to a reader that knows all of HTTP. Allocates nothing.
/// </summary>
internal struct LaneHead
{
    /// <summary>Of the head with its blank line, in bytes.</summary>
    public const int MaxLength = 8 * 1024;

    /// <summary>In bytes.</summary>
    public const int MaxBodyLength = 1024 * 1024;

    public const int MaxCount = 32;

    private const int MaxPortDigits = 5;

    /// <summary>With its brackets: <c>[::1]</c>.</summary>
    private const int MinAddressLength = 5;

    /// <summary>The paths it knows, the most usual first.</summary>
    public static ImmutableArray<string> Targets { get; } =
        ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses", "/v1/messages", "/api/chat", "/api/generate", "/api/embed"];

    /// <summary>Made of the targets, so they stand behind them.</summary>
    private static readonly byte[][] s_lines = [.. Targets.Select(target => Encoding.ASCII.GetBytes($"POST {target} HTTP/1.1\r\n"))];
    private static readonly SearchValues<byte> s_token = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&'*+-.^_`|~"u8);
    private static readonly SearchValues<byte> s_host = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._"u8);
    private static readonly SearchValues<byte> s_address = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    private Fields _fields;

    /// <summary>The place of <c>Content-Length</c> among the fields.</summary>
    private int _lengthAt;

    /// <summary>The place of its path in <see cref="Targets"/>.</summary>
    public int TargetIndex { get; private set; }

    public readonly string Target => Targets[TargetIndex];

    /// <summary>Of the head with its blank line, in bytes: the body begins there.</summary>
    public int Length { get; private set; }

    /// <summary>In bytes.</summary>
    public int BodyLength { get; private set; }

    /// <summary>The client wants the connection closed after the answer.</summary>
    public bool Closes { get; private set; }

    /// <summary>How many headers there are, each with a name of its own.</summary>
    public int Count { get; private set; }

    /// <summary>Where a header's name and value lie, counted from the first byte of the head.</summary>
    public readonly (Range Name, Range Value) this[int at]
    {
        get
        {
            var field = _fields[at];
            return (field.Name..(field.Name + field.NameLength), field.Value..(field.Value + field.ValueLength));
        }
    }

    /// <param name="bytes">What it was read from.</param>
    public readonly ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> bytes, int at)
    {
        var field = _fields[at];
        return bytes.Slice(field.Name, field.NameLength);
    }

    /// <param name="bytes">What it was read from.</param>
    /// <returns>Printable ASCII without blanks around it, never empty.</returns>
    public readonly ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> bytes, int at)
    {
        var field = _fields[at];
        return bytes.Slice(field.Value, field.ValueLength);
    }

    /// <summary>The one string for the name of a usual header, as it is usually written.</summary>
    /// <param name="name">In any case.</param>
    /// <returns>Null for any other.</returns>
    public static string? Known(ReadOnlySpan<byte> name) => LaneNames.Of(name);

    /// <param name="bytes">From the first of the request on; more may stand behind its head.</param>
    /// <param name="head">Only where the head is simple.</param>
    public static LaneVerdict Read(ReadOnlySpan<byte> bytes, out LaneHead head)
    {
        head = default;
        var text = bytes.Length > MaxLength ? bytes[..MaxLength] : bytes;
        var verdict = ReadTarget(text, ref head);
        if (verdict == LaneVerdict.Simple) verdict = ReadFields(text, ref head);
        return verdict == LaneVerdict.More && text.Length == MaxLength ? LaneVerdict.Odd : verdict;
    }

    /// <summary>Takes a head that is this one again, but for the digits of its length: most clients send such heads one after the other. All of it has to be there.</summary>
    /// <param name="before">What this one was read from.</param>
    /// <returns>False for any other; this one stays as it is then.</returns>
    public bool Repeats(ReadOnlySpan<byte> before, ReadOnlySpan<byte> bytes)
    {
        if (Length == 0 || before.Length < Length || bytes.Length < Length) return false;
        var field = _fields[_lengthAt];
        var (start, end) = (field.Value, field.Value + field.ValueLength);
        if (!bytes[..start].SequenceEqual(before[..start]) || !bytes[end..Length].SequenceEqual(before[end..Length])) return false;
        var length = LengthOf(bytes[start..end]);
        if (length < 0) return false;
        BodyLength = length;
        return true;
    }

    private static LaneVerdict ReadTarget(ReadOnlySpan<byte> text, ref LaneHead head)
    {
        for (var at = 0; at < s_lines.Length; at++)
        {
            ReadOnlySpan<byte> line = s_lines[at];
            if (text.Length < line.Length)
            {
                if (line.StartsWith(text)) return LaneVerdict.More;
            }
            else if (text.StartsWith(line))
            {
                (head.TargetIndex, head.Length) = (at, line.Length);
                return LaneVerdict.Simple;
            }
        }

        return LaneVerdict.Odd;
    }

    private static LaneVerdict ReadFields(ReadOnlySpan<byte> text, ref LaneHead head)
    {
        bool hasHost = false, hasLength = false;
        while (true)
        {
            var rest = text[head.Length..];
            if (rest.IsEmpty) return LaneVerdict.More;
            if (rest[0] == '\r')
            {
                if (!hasHost || !hasLength) return LaneVerdict.Odd;
                if (rest.Length == 1) return LaneVerdict.More;
                head.Length += 2;
                return rest[1] == '\n' ? LaneVerdict.Simple : LaneVerdict.Odd;
            }

            if (head.Count == MaxCount) return LaneVerdict.Odd;
            var length = rest.IndexOfAnyExcept(s_token);
            if (length < 0) return IsOfBrowser(rest) ? LaneVerdict.Odd : LaneVerdict.More;
            if (length == 0 || rest[length] != ':') return LaneVerdict.Odd;
            var name = rest[..length];
            var meaning = MeaningOf(name);
            if (meaning == Meaning.Refused || head.Has(text, name)) return LaneVerdict.Odd;

            var begin = length + 1;
            if (begin < rest.Length && rest[begin] == ' ') begin++;
            var value = rest[begin..];
            var end = value.IndexOfAnyExceptInRange((byte)' ', (byte)'~');
            var isWhole = end >= 0;
            if (isWhole)
            {
                if (value[end] != '\r') return LaneVerdict.Odd;
                value = value[..end];
                if (value.IsEmpty || value[^1] == ' ') return LaneVerdict.Odd;
            }

            if (!value.IsEmpty && value[0] == ' ') return LaneVerdict.Odd;
            if (!head.Takes(meaning, value, isWhole)) return LaneVerdict.Odd;
            if (!isWhole) return LaneVerdict.More;
            end += begin + 1;
            if (end == rest.Length) return LaneVerdict.More;
            if (rest[end] != '\n') return LaneVerdict.Odd;
            if (meaning == Meaning.Length) (hasLength, head._lengthAt) = (true, head.Count);
            head._fields[head.Count++] = new Field((ushort)head.Length, (ushort)length, (ushort)(head.Length + begin), (ushort)value.Length);
            head.Length += end + 1;
            hasHost |= meaning == Meaning.Host;
        }
    }

    private readonly bool Has(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        for (var at = 0; at < Count; at++)
        {
            var field = _fields[at];
            if (field.NameLength == name.Length && Is(text.Slice(field.Name, name.Length), name)) return true;
        }

        return false;
    }

    /// <summary>Notes what a value says about the request.</summary>
    /// <param name="isWhole">Otherwise it is the beginning of one, and may be empty.</param>
    /// <returns>False where it is no simple value, or no beginning of one.</returns>
    private bool Takes(Meaning meaning, ReadOnlySpan<byte> value, bool isWhole)
    {
        switch (meaning)
        {
            case Meaning.Host: return IsHost(value, isWhole);
            case Meaning.Length: return (BodyLength = LengthOf(value)) >= 0;
            case Meaning.Connection:
                var closes = IsWord(value, "close"u8, isWhole);
                Closes = closes && isWhole;
                return closes || IsWord(value, "keep-alive"u8, isWhole);
            default: return true;
        }
    }

    private static Meaning MeaningOf(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 when Is(name, "te"u8) => Meaning.Refused,
        4 when Is(name, "host"u8) => Meaning.Host,
        6 when Is(name, "expect"u8) || Is(name, "origin"u8) || Is(name, "cookie"u8) => Meaning.Refused,
        7 when Is(name, "upgrade"u8) || Is(name, "trailer"u8) => Meaning.Refused,
        10 when Is(name, "connection"u8) => Meaning.Connection,
        14 when Is(name, "content-length"u8) => Meaning.Length,
        14 when Is(name, "http2-settings"u8) => Meaning.Refused,
        16 when Is(name, "x-content-length"u8) => Meaning.Refused,
        17 when Is(name, "transfer-encoding"u8) => Meaning.Refused,
        _ => IsOfBrowser(name) ? Meaning.Refused : Meaning.None,
    };

    /// <param name="name">Or the beginning of one.</param>
    private static bool IsOfBrowser(ReadOnlySpan<byte> name) => name.Length >= 4 && name[3] == '-' && Is(name[..4], "sec-"u8);

    /// <summary>A host that nobody refuses: a name of letters, digits and <c>-._</c>, or an IPv6 address in brackets; a port where there is one.</summary>
    private static bool IsHost(ReadOnlySpan<byte> value, bool isWhole)
    {
        if (value.IsEmpty) return !isWhole;
        int end;
        if (value[0] == '[')
        {
            end = value[1..].IndexOfAnyExcept(s_address) + 1;
            if (end == 0) return !isWhole;
            if (value[end] != ']' || ++end < MinAddressLength) return false;
            if (end == value.Length) return true;
        }
        else
        {
            end = value.IndexOfAnyExcept(s_host);
            if (end < 0) return true;
            if (end == 0) return false;
        }

        if (value[end] != ':') return false;
        var port = value[(end + 1)..];
        return port.Length <= MaxPortDigits && !port.ContainsAnyExceptInRange((byte)'0', (byte)'9') && !(isWhole && port.IsEmpty);
    }

    /// <returns>−1 for what is too much, is not written in digits alone, or could be written shorter.</returns>
    private static int LengthOf(ReadOnlySpan<byte> value)
    {
        if (value.Length > 1 && value[0] == '0') return -1;
        var length = 0;
        foreach (var digit in value)
        {
            if (digit is < (byte)'0' or > (byte)'9') return -1;
            length = (length * 10) + (digit - '0');
            if (length > MaxBodyLength) return -1;
        }

        return length;
    }

    private static bool IsWord(ReadOnlySpan<byte> value, ReadOnlySpan<byte> lower, bool isWhole) =>
        isWhole ? Is(value, lower) : value.Length <= lower.Length && Is(value, lower[..value.Length]);

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> other) => Ascii.EqualsIgnoreCase(text, other);

    /// <summary>Of a header, for how a request is read.</summary>
    private enum Meaning
    {
        None,
        Host,
        Length,
        Connection,

        /// <summary>Changes the framing or the protocol, or comes from a browser.</summary>
        Refused,
    }

    /// <summary>Where a name and a value begin, and how long they are.</summary>
    internal readonly record struct Field(ushort Name, ushort NameLength, ushort Value, ushort ValueLength);

    [InlineArray(MaxCount)]
    internal struct Fields
    {
        internal Field First;
    }
}
