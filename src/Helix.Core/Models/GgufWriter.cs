using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Helix.Core.Models;

/// <summary>Writes a GGUF file, version 3: facts first, then tensors, then <see cref="WriteTo"/>.</summary>
internal sealed class GgufWriter
{
    private const int Alignment = 32;
    private const uint Version = 3;

    private readonly ArrayBufferWriter<byte> _facts = new();
    private readonly List<TensorEntry> _tensors = [];
    private long _factCount;

    private sealed record TensorEntry(string Name, long[] Shape, uint Type, long Length, Action<Span<byte>>? Fill);

    private enum ValueType : uint
    {
        UInt32 = 4,
        Int32 = 5,
        Float32 = 6,
        Boolean = 7,
        Text = 8,
        Array = 9,
    }

    public GgufWriter Fact(string key, string value)
    {
        Key(key, ValueType.Text);
        Text(_facts, value);
        return this;
    }

    public GgufWriter Fact(string key, uint value)
    {
        Key(key, ValueType.UInt32);
        UInt32(_facts, value);
        return this;
    }

    public GgufWriter Fact(string key, float value)
    {
        Key(key, ValueType.Float32);
        UInt32(_facts, BitConverter.SingleToUInt32Bits(value));
        return this;
    }

    public GgufWriter Fact(string key, bool value)
    {
        Key(key, ValueType.Boolean);
        _facts.Write([value ? (byte)1 : (byte)0]);
        return this;
    }

    public GgufWriter Fact(string key, IReadOnlyList<string> values)
    {
        Array(key, ValueType.Text, values.Count);
        foreach (var value in values)
            Text(_facts, value);
        return this;
    }

    public GgufWriter Fact(string key, IReadOnlyList<float> values)
    {
        Array(key, ValueType.Float32, values.Count);
        foreach (var value in values)
            UInt32(_facts, BitConverter.SingleToUInt32Bits(value));
        return this;
    }

    public GgufWriter Fact(string key, IReadOnlyList<int> values)
    {
        Array(key, ValueType.Int32, values.Count);
        foreach (var value in values)
            UInt32(_facts, (uint)value);
        return this;
    }

    /// <summary>A tensor of 32-bit floats.</summary>
    /// <param name="shape">Innermost dimension first, as the format has it.</param>
    /// <param name="fill">Sets the weights, all zero before; null leaves them so.</param>
    public GgufWriter Tensor(string name, long[] shape, Action<Span<float>>? fill = null) =>
        Tensor(name, shape, 0, shape.Aggregate((long)sizeof(float), (product, length) => product * length), fill is null ? null : bytes => FillFloats(bytes, fill));

    /// <summary>A tensor of any type.</summary>
    /// <param name="type">Its number, as <see cref="GgmlType.From"/> takes it.</param>
    /// <param name="length">In bytes.</param>
    /// <param name="fill">Sets the bytes, all zero before.</param>
    public GgufWriter Tensor(string name, long[] shape, uint type, long length, Action<Span<byte>>? fill)
    {
        _tensors.Add(new TensorEntry(name, shape, type, length, fill));
        return this;
    }

    public void WriteTo(IBufferWriter<byte> output)
    {
        var header = new ArrayBufferWriter<byte>(_facts.WrittenCount + 4096);
        header.Write("GGUF"u8);
        UInt32(header, Version);
        UInt64(header, _tensors.Count);
        UInt64(header, _factCount);
        header.Write(_facts.WrittenSpan);
        var offset = 0L;
        foreach (var tensor in _tensors)
        {
            Text(header, tensor.Name);
            UInt32(header, (uint)tensor.Shape.Length);
            foreach (var length in tensor.Shape)
                UInt64(header, length);
            UInt32(header, tensor.Type);
            UInt64(header, offset);
            offset += Aligned(tensor.Length);
        }

        output.Write(header.WrittenSpan);
        output.Write(new byte[Aligned(header.WrittenCount) - header.WrittenCount]);
        foreach (var tensor in _tensors)
        {
            var bytes = new byte[Aligned(tensor.Length)];
            tensor.Fill?.Invoke(bytes.AsSpan(0, checked((int)tensor.Length)));
            output.Write(bytes);
        }
    }

    private static void FillFloats(Span<byte> bytes, Action<Span<float>> fill)
    {
        var weights = new float[bytes.Length / sizeof(float)];
        fill(weights);
        for (var i = 0; i < weights.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes[(i * sizeof(float))..], weights[i]);
    }

    private static long Aligned(long length) => (length + Alignment - 1) / Alignment * Alignment;

    private void Key(string key, ValueType type)
    {
        _factCount++;
        Text(_facts, key);
        UInt32(_facts, (uint)type);
    }

    private void Array(string key, ValueType elements, int count)
    {
        Key(key, ValueType.Array);
        UInt32(_facts, (uint)elements);
        UInt64(_facts, count);
    }

    private static void Text(ArrayBufferWriter<byte> to, string value)
    {
        UInt64(to, Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, to);
    }

    private static void UInt32(ArrayBufferWriter<byte> to, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to.GetSpan(sizeof(uint)), value);
        to.Advance(sizeof(uint));
    }

    private static void UInt64(ArrayBufferWriter<byte> to, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(to.GetSpan(sizeof(long)), value);
        to.Advance(sizeof(long));
    }
}
