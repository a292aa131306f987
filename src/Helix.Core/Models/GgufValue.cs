namespace Helix.Core.Models;

internal enum GgufValueType : uint
{
    UInt8 = 0,
    Int8 = 1,
    UInt16 = 2,
    Int16 = 3,
    UInt32 = 4,
    Int32 = 5,
    Float32 = 6,
    Bool = 7,
    Text = 8,
    Array = 9,
    UInt64 = 10,
    Int64 = 11,
    Float64 = 12,
}

/// <summary>One value of the header. Texts and arrays stay in the prefix; this says where.</summary>
/// <param name="Bits">A number as it stands in the file, zero-extended.</param>
/// <param name="Offset">Of the value, or of the first byte of a text or element of an array.</param>
/// <param name="Count">Bytes of a text, elements of an array.</param>
/// <param name="Element">Type of an array's elements.</param>
internal readonly record struct GgufValue(GgufValueType Type, ulong Bits, int Offset, int Count, GgufValueType Element)
{
    /// <summary>Bytes of a value of fixed size; 0 for texts, arrays and unknown types.</summary>
    public static int SizeOf(GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        GgufValueType.UInt64 or GgufValueType.Int64 or GgufValueType.Float64 => 8,
        _ => 0,
    };
}
