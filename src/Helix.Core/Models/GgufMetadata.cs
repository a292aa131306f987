using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Helix.Core.Models;

/// <summary>The keys and values of a header. Every question checks the type; the first wrong answer is kept in <see cref="Problem"/>.</summary>
internal ref struct GgufMetadata(ReadOnlySpan<byte> prefix, Dictionary<string, GgufValue> values)
{
    private const int MaxKeys = 4096;
    private const int MaxKeyBytes = 1 << 16;
    private const int MaxTextBytes = 16 << 20;
    private const int MaxElements = 1 << 24;

    private readonly ReadOnlySpan<byte> _prefix = prefix;

    public (string Reason, long Offset)? Problem { get; private set; }

    public static Dictionary<string, GgufValue>? Read(ref GgufCursor cursor, ulong count)
    {
        if (count > MaxKeys)
        {
            cursor.Refuse($"the header claims {count} keys, more than the {MaxKeys} that are allowed");
            return null;
        }

        var values = new Dictionary<string, GgufValue>(StringComparer.Ordinal);
        for (var i = 0UL; i < count; i++)
        {
            var start = cursor.Position;
            if (!cursor.Text($"the name of key {i}", MaxKeyBytes, out var key)) return null;
            if (key.Length == 0 || key.AsSpan().ContainsAnyInRange('\0', '\x1f'))
            {
                cursor.Refuse($"the name of key {i} is empty or holds control characters", start);
                return null;
            }

            if (!ReadValue(ref cursor, key, out var value)) return null;
            if (!values.TryAdd(key, value))
            {
                cursor.Refuse($"the key {key} stands there twice", start);
                return null;
            }
        }

        return values;
    }

    public readonly bool Has(string key) => values.ContainsKey(key);

    /// <summary>Null if absent. llama.cpp takes no other type than the one it wrote.</summary>
    public uint? UInt32(string key)
    {
        if (!values.TryGetValue(key, out var value)) return null;
        if (value.Type == GgufValueType.UInt32) return (uint)value.Bits;
        Wrong(key, value, "a 32-bit unsigned number");
        return null;
    }

    public uint? UInt16(string key)
    {
        if (!values.TryGetValue(key, out var value)) return null;
        if (value.Type == GgufValueType.UInt16) return (uint)value.Bits;
        Wrong(key, value, "a 16-bit unsigned number");
        return null;
    }

    public bool? Flag(string key)
    {
        if (!values.TryGetValue(key, out var value)) return null;
        if (value.Type == GgufValueType.Bool) return value.Bits != 0;
        Wrong(key, value, "true or false");
        return null;
    }

    public string? Text(string key, int limit)
    {
        if (!values.TryGetValue(key, out var value)) return null;
        if (value.Type != GgufValueType.Text)
        {
            Wrong(key, value, "a text");
            return null;
        }

        if (value.Count > limit)
        {
            Complain($"{key} is {value.Count} bytes long, more than the {limit} that are allowed", value.Offset);
            return null;
        }

        return Encoding.UTF8.GetString(_prefix.Slice(value.Offset, value.Count));
    }

    public GgufValue? Array(string key, params ReadOnlySpan<GgufValueType> elements)
    {
        if (!values.TryGetValue(key, out var value)) return null;
        if (value.Type == GgufValueType.Array && elements.Contains(value.Element)) return value;
        Wrong(key, value, $"a list of {elements[0]}");
        return null;
    }

    /// <summary>One number for all layers, or a list with one for each. Null if absent or wrong.</summary>
    public uint[]? PerLayer(string key, int layers)
    {
        if (!values.TryGetValue(key, out var value)) return null;
        var each = new uint[layers];
        if (value.Type == GgufValueType.UInt32)
        {
            System.Array.Fill(each, (uint)value.Bits);
            return each;
        }

        if (value is not { Type: GgufValueType.Array, Element: GgufValueType.UInt32 or GgufValueType.Int32 })
        {
            Wrong(key, value, "a 32-bit unsigned number or a list of them");
            return null;
        }

        if (value.Count != layers)
        {
            Complain($"{key} has {value.Count} values for {layers} layers", value.Offset);
            return null;
        }

        for (var i = 0; i < layers; i++) each[i] = BinaryPrimitives.ReadUInt32LittleEndian(_prefix[(value.Offset + i * 4)..]);
        return each;
    }

    public readonly long OffsetOf(string key) => values.TryGetValue(key, out var value) ? value.Offset : 0;

    public void Complain(string reason, long offset) => Problem ??= (reason, offset);

    private void Wrong(string key, GgufValue value, string wanted) => Complain($"{key} is of type {value.Type}, where {wanted} is wanted", value.Offset);

    private static bool ReadValue(ref GgufCursor cursor, string key, out GgufValue value)
    {
        value = default;
        var start = cursor.Position;
        if (!cursor.UInt32(out var number)) return false;
        var type = (GgufValueType)number;
        if (GgufValue.SizeOf(type) is > 0 and var size)
        {
            var offset = cursor.Position;
            if (!cursor.Number(size, out var bits)) return false;
            if (type == GgufValueType.Bool && bits > 1) return cursor.Refuse($"{key} should be true or false and is {bits}", offset);
            value = new GgufValue(type, bits, offset, 0, type);
            return true;
        }

        if (type == GgufValueType.Text)
        {
            if (!cursor.TextSpan(key, MaxTextBytes, out var offset, out var length)) return false;
            if (!Utf8.IsValid(cursor.Slice(offset, length))) return cursor.Refuse($"the text of {key} is not valid UTF-8", offset);
            value = new GgufValue(type, 0, offset, length, type);
            return true;
        }

        return type == GgufValueType.Array ? ReadArray(ref cursor, key, out value) : cursor.Refuse($"{key} has the unknown type {number}", start);
    }

    private static bool ReadArray(ref GgufCursor cursor, string key, out GgufValue value)
    {
        value = default;
        var start = cursor.Position;
        if (!cursor.UInt32(out var number) || !cursor.UInt64(out var count)) return false;
        var element = (GgufValueType)number;
        if (element == GgufValueType.Array) return cursor.Refuse($"{key} is a list of lists, which llama.cpp does not read", start);
        var size = GgufValue.SizeOf(element);
        if (size == 0 && element != GgufValueType.Text) return cursor.Refuse($"{key} is a list of the unknown type {number}", start);
        if (count > MaxElements) return cursor.Refuse($"{key} claims {count} elements, more than the {MaxElements} that are allowed", start);

        value = new GgufValue(GgufValueType.Array, 0, cursor.Position, (int)count, element);
        if (size > 0) return cursor.Skip((long)count * size);
        if (!cursor.Has((long)count * 8)) return false;
        var what = $"an element of {key}";
        for (var i = 0UL; i < count; i++)
            if (!cursor.TextSpan(what, MaxTextBytes, out _, out _))
                return false;
        return true;
    }
}
