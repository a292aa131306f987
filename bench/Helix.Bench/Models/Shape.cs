using System.Buffers.Binary;

namespace Helix.Bench.Models;

/// <summary>How the weights of a matrix are stored, in blocks of 32: <c>q8_0</c> or <c>q4_0</c>.</summary>
/// <param name="Type">ggml's number of the type.</param>
/// <param name="FileType">llama.cpp's number of the whole file.</param>
/// <param name="Spread">Standard deviation of evenly distributed quants.</param>
internal sealed record Quants(string Name, uint Type, uint FileType, int BlockBytes, float Spread)
{
    public static Quants Q8 { get; } = new("q8_0", 8, 7, 34, 73.9f);

    public static Quants Q4 { get; } = new("q4_0", 2, 2, 18, 4.61f);

    public long RowBytes(int width) => width / 32L * BlockBytes;

    /// <summary>Random rows as a trained matrix of this width would be spread.</summary>
    public void Fill(Span<byte> blocks, int width, Random random)
    {
        random.NextBytes(blocks);
        var scale = (Half)(1 / MathF.Sqrt(width) / Spread);
        for (var at = 0; at < blocks.Length; at += BlockBytes)
            BinaryPrimitives.WriteHalfLittleEndian(blocks[at..], scale);
    }
}

/// <summary>The size of a model of the llama architecture.</summary>
internal sealed record Shape(string Name, int Width, int Layers, int Heads, int KeyValueHeads, int FeedForward, Quants Quants, bool Judged)
{
    public static IReadOnlyList<Shape> All { get; } =
    [
        new("random-15M", 288, 6, 6, 6, 768, Quants.Q8, Judged: false),
        new("random-160M", 768, 12, 12, 12, 3072, Quants.Q8, Judged: true),
        new("random-1.1B", 2048, 22, 32, 4, 5632, Quants.Q4, Judged: true),
    ];

    public static Shape Middle => All[1];

    public string FileName => $"{Name}-{Quants.Name}.gguf";

    public int HeadWidth => Width / Heads;
}
