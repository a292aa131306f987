using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text;
using Helix.Core.Gateway;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Helix.Gateway.Lane;

/// <summary>
/// Headers of one request or one response after the other. Those of a request lie here as they came, and become strings when somebody asks for them; a value
/// that is the same as at the same place of the request before is the same string.
/// </summary>
/// <param name="isResponse">What is set is looked at, because it is sent.</param>
internal sealed class LaneHeaders(bool isResponse) : IHeaderDictionary
{
    private const int Usual = 16;

    /// <summary>In bytes.</summary>
    private const int UsualHead = 512;

    /// <summary>Between name and value, and at the end.</summary>
    private const int SignsOfLine = 4;

    private static readonly SearchValues<char> s_token = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&'*+-.^_`|~");

    private static readonly SearchValues<char> s_value = SearchValues.Create([.. "\t", .. Enumerable.Range(' ', '~' - ' ' + 1).Select(letter => (char)letter)]);

    private Entry[] _entries = new Entry[Usual];
    private int _count;

    /// <summary>A bit for each length that a name here has: who looks for another finds nothing.</summary>
    private ulong _lengths;
    private byte[] _head = [];
    private int _headLength;
    private long? _length;

    /// <summary>Nothing was changed since they were read.</summary>
    private bool _isAsRead;

    /// <summary>So many places have the names that they had in the answer before, with values that were looked at. Whoever sets the same in the same order need not be looked at again.</summary>
    private int _alike;

    public int Count => _count + (_length is null ? 0 : 1);

    /// <summary>The response is on its way.</summary>
    public bool IsReadOnly { get; private set; }

    public ICollection<string> Keys => [.. Pairs().Select(pair => pair.Key)];

    public ICollection<StringValues> Values => [.. Pairs().Select(pair => pair.Value)];

    /// <summary>Bytes that all but <c>Content-Length</c> take at most as lines.</summary>
    public int MostLength
    {
        get
        {
            var most = 0;
            for (var at = 0; at < _count; at++)
            {
                if (_entries[at].Line is { Length: > 0 } line)
                {
                    most += line.Length;
                    continue;
                }

                var name = NameAt(at);
                foreach (var value in ValueAt(at)) most += name.Length + SignsOfLine + (value?.Length ?? 0);
            }

            return most;
        }
    }

    /// <summary>The request's head as it came.</summary>
    public ReadOnlyMemory<byte> Head => _head.AsMemory(0, _headLength);

    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    /// <exception cref="InvalidOperationException">The response is on its way.</exception>
    public long? ContentLength
    {
        get => _length;
        set
        {
            ThrowIfReadOnly();
            if (value is { } length) ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(value));
            _length = value;
        }
    }

    /// <summary>Nothing for one that is not there; set to nothing, it is taken away.</summary>
    /// <exception cref="InvalidOperationException">The response is on its way, or that cannot stand in its head.</exception>
    public StringValues this[string key]
    {
        get => TryGetValue(key, out var value) ? value : default;
        set => Set(key, value);
    }

    StringValues IDictionary<string, StringValues>.this[string key]
    {
        get => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"There is no header '{key}'.");
        set => Set(key, value);
    }

    /// <summary>Writes all but <c>Content-Length</c> as lines.</summary>
    /// <param name="into">With room for <see cref="MostLength"/>.</param>
    /// <returns>Bytes written.</returns>
    public int Write(Span<byte> into)
    {
        var end = 0;
        for (var at = 0; at < _count; at++)
        {
            ref var entry = ref _entries[at];
            if (entry.Line is { Length: > 0 } line)
            {
                line.CopyTo(into[end..]);
                end += line.Length;
                continue;
            }

            var start = end;
            foreach (var value in ValueAt(at))
                if (value is not null) end = Put(into, end, NameAt(at), value);
            if (entry.Line is not null) entry.Line = into[start..end].ToArray();
        }

        return end;
    }

    /// <summary>Takes the headers of a request; nothing of those before is left.</summary>
    /// <param name="bytes">That the head was read from; they are copied.</param>
    /// <param name="repeats">But for its length, it is the head that was read last.</param>
    public void Read(in LaneHead head, ReadOnlySpan<byte> bytes, bool repeats = false)
    {
        if (repeats && _isAsRead)
        {
            _length = head.BodyLength;
            bytes[.._headLength].CopyTo(_head);
            return;
        }

        (_count, _alike, _lengths, _length, _headLength, _isAsRead) = (0, 0, 0, head.BodyLength, head.Length, true);
        if (_head.Length < _headLength) _head = new byte[BitOperations.RoundUpToPowerOf2((uint)Math.Max(_headLength, UsualHead))];
        bytes[.._headLength].CopyTo(_head);
        for (var at = 0; at < head.Count; at++)
        {
            var name = head.NameOf(bytes, at);
            var value = head.ValueOf(bytes, at);
            if (name.Length == HeaderNames.ContentLength.Length && Ascii.EqualsIgnoreCase(name, "content-length"u8)) continue;
            bytes.Overlaps(name, out var nameStart);
            bytes.Overlaps(value, out var valueStart);
            if (_count == _entries.Length) Array.Resize(ref _entries, _count * 2);
            ref var entry = ref _entries[_count++];
            (entry.Name, entry.NameStart, entry.NameLength) = (null, nameStart, name.Length);
            (entry.IsRaw, entry.ValueStart, entry.ValueLength, entry.Value) = (true, valueStart, value.Length, default);
            _lengths |= 1UL << name.Length;
        }
    }

    /// <summary>Nothing can be set any more.</summary>
    public void Seal() => IsReadOnly = true;

    /// <summary>As before the first. Names and values stay where they were, to be set again.</summary>
    public void Reset()
    {
        (IsReadOnly, _isAsRead) = (false, false);
        (_alike, _count, _lengths, _length, _headLength) = (_count, 0, 0, null, 0);
    }

    public bool ContainsKey(string key) => Find(key) >= 0 || (_length is not null && IsLength(key));

    public bool TryGetValue(string key, out StringValues value)
    {
        if (Find(key) is >= 0 and var at)
        {
            value = ValueAt(at);
            return true;
        }

        if (_length is { } length && IsLength(key))
        {
            value = Digits(length);
            return true;
        }

        value = default;
        return false;
    }

    public void Add(string key, StringValues value)
    {
        if (ContainsKey(key)) throw new ArgumentException($"There is a header '{key}' already; set it instead.", nameof(key));
        Set(key, value);
    }

    public bool Remove(string key)
    {
        ThrowIfReadOnly();
        if (IsLength(key))
        {
            var had = _length is not null;
            _length = null;
            return had;
        }

        if (Find(key) is not (>= 0 and var at)) return false;
        (_isAsRead, _alike) = (false, 0);
        _count--;
        Array.Copy(_entries, at + 1, _entries, at, _count - at);
        _entries[_count] = default;
        return true;
    }

    public void Clear()
    {
        ThrowIfReadOnly();
        Array.Clear(_entries, 0, _count);
        (_count, _alike, _lengths, _length, _headLength, _isAsRead) = (0, 0, 0, null, 0, false);
    }

    public void Add(KeyValuePair<string, StringValues> item) => Add(item.Key, item.Value);

    public bool Contains(KeyValuePair<string, StringValues> item) => TryGetValue(item.Key, out var value) && value == item.Value;

    public bool Remove(KeyValuePair<string, StringValues> item) => Contains(item) && Remove(item.Key);

    public void CopyTo(KeyValuePair<string, StringValues>[] array, int arrayIndex)
    {
        foreach (var pair in Pairs()) array[arrayIndex++] = pair;
    }

    public IEnumerator<KeyValuePair<string, StringValues>> GetEnumerator() => Pairs().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static bool IsLength(string name) => name.Length == HeaderNames.ContentLength.Length && name.Equals(HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase);

    private static string Digits(long length) => length.ToString(CultureInfo.InvariantCulture);

    private IEnumerable<KeyValuePair<string, StringValues>> Pairs()
    {
        for (var at = 0; at < _count; at++) yield return new(NameAt(at), ValueAt(at));
        if (_length is { } length) yield return new(HeaderNames.ContentLength, Digits(length));
    }

    /// <returns>Its place; -1 where it is not there.</returns>
    private int Find(string name)
    {
        if ((_lengths & (1UL << name.Length)) == 0) return -1;
        for (var at = 0; at < _count; at++)
        {
            ref var entry = ref _entries[at];
            if (entry.NameLength != name.Length) continue;
            if (entry.Name is { } own ? own.Equals(name, StringComparison.OrdinalIgnoreCase) : Ascii.EqualsIgnoreCase(_head.AsSpan(entry.NameStart, entry.NameLength), name.AsSpan())) return at;
        }

        return -1;
    }

    private static int Put(Span<byte> into, int end, string name, string value)
    {
        end += Encoding.ASCII.GetBytes(name, into[end..]);
        into[end++] = (byte)':';
        into[end++] = (byte)' ';
        end += Encoding.ASCII.GetBytes(value, into[end..]);
        into[end++] = (byte)'\r';
        into[end++] = (byte)'\n';
        return end;
    }

    private string NameAt(int at)
    {
        ref var entry = ref _entries[at];
        if (entry.Name is { } name) return name;
        var bytes = _head.AsSpan(entry.NameStart, entry.NameLength);
        return entry.Name = LaneHead.Known(bytes) ?? Encoding.ASCII.GetString(bytes);
    }

    private StringValues ValueAt(int at)
    {
        ref var entry = ref _entries[at];
        if (!entry.IsRaw) return entry.Value;
        var bytes = _head.AsSpan(entry.ValueStart, entry.ValueLength);
        if (entry.Before is not { } before || !Ascii.Equals(bytes, before.AsSpan())) entry.Before = before = Encoding.ASCII.GetString(bytes);
        (entry.IsRaw, entry.Value) = (false, before);
        return entry.Value;
    }

    private void Set(string name, StringValues value)
    {
        if (value.Count == 0)
        {
            Remove(name);
            return;
        }

        ThrowIfReadOnly();
        if (IsLength(name))
        {
            _length = value.Count == 1 && long.TryParse(value[0], NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length
                : throw new InvalidOperationException($"'{value}' is no length; Content-Length is a whole number of bytes.");
            return;
        }

        var at = _count < _alike && ReferenceEquals(_entries[_count].Name, name) ? _count : -1;
        var word = value.Count == 1 ? value[0] : null;
        var isSame = at >= 0 && word is not null && word == _entries[at].Before;
        if (isResponse && !isSame) ThrowIfUnfit(name, value);
        if (at < 0) at = Find(name);
        if (at < 0)
        {
            if (_count == _entries.Length) Array.Resize(ref _entries, _count * 2);
            (at, _alike) = (_count, 0);
            (_entries[at].Name, _entries[at].NameLength) = (name, name.Length);
        }

        if (at == _count)
        {
            _count++;
            _lengths |= 1UL << name.Length;
        }

        ref var entry = ref _entries[at];
        (entry.IsRaw, entry.Value) = (false, value);
        if (isResponse) (entry.Before, entry.Line) = (word, isSame ? entry.Line ?? [] : null);
        _isAsRead = false;
    }

    private static void ThrowIfUnfit(string name, StringValues value)
    {
        if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(s_token)) throw new InvalidOperationException($"'{name}' is no name of a header: one has letters, digits and -_ alone.");
        foreach (var one in value)
            if (one.AsSpan().IndexOfAnyExcept(s_value) is >= 0 and var at)
                throw new InvalidOperationException($"Invalid non-ASCII or control character in header {name}: 0x{(int)one![at]:X4}. Escape it.");
    }

    private void ThrowIfReadOnly()
    {
        if (IsReadOnly) throw new InvalidOperationException("Headers are read-only, response has already started.");
    }

    private struct Entry
    {
        /// <summary>Null while nobody has asked: then it stands in the head.</summary>
        public string? Name;
        public StringValues Value;

        /// <summary>The value that was asked for at this place last, in whatever request; of answers, the one that was set there last, if it was one.</summary>
        public string? Before;

        /// <summary>Of an answer: as it was written. Null where it is another than in the answer before; empty where it is the same, and was not kept yet.</summary>
        public byte[]? Line;

        /// <summary>The value stands in the head, and nobody has asked for it.</summary>
        public bool IsRaw;
        public int NameStart;
        public int NameLength;
        public int ValueStart;
        public int ValueLength;
    }
}
