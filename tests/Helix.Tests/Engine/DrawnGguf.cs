using System.Buffers;
using System.Globalization;
using Helix.Core.Models;

namespace Helix.Tests.Engine;

/// <summary>Makes a GGUF model of the llama architecture whose weights are drawn: what it says makes no sense, but depends on all that was said before.</summary>
internal static class DrawnGguf
{
    private const int FirstByte = 3;
    private const int Count = FirstByte + 256 + 1;
    private const int Width = 64;
    private const int HeadWidth = 16;
    private const int KeyWidth = 32;
    private const int Layers = 2;

    public static byte[] Make(int seed)
    {
        var random = new Random(seed);
        var file = new GgufWriter()
            .Fact("general.architecture", "llama")
            .Fact("general.name", "drawn")
            .Fact("general.file_type", 0u)
            .Fact("llama.context_length", 32768u)
            .Fact("llama.embedding_length", (uint)Width)
            .Fact("llama.block_count", (uint)Layers)
            .Fact("llama.feed_forward_length", (uint)Width)
            .Fact("llama.attention.head_count", (uint)(Width / HeadWidth))
            .Fact("llama.attention.head_count_kv", (uint)(KeyWidth / HeadWidth))
            .Fact("llama.attention.layer_norm_rms_epsilon", 1e-5f)
            .Fact("llama.rope.dimension_count", (uint)HeadWidth)
            .Fact("llama.vocab_size", (uint)Count);
        Vocabulary(file);

        file.Tensor("token_embd.weight", [Width, Count], Draw(random, 1));
        file.Tensor("output_norm.weight", [Width], weights => weights.Fill(1));
        file.Tensor("output.weight", [Width, Count], Output(random));
        for (var layer = 0; layer < Layers; layer++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"blk.{layer}.");
            file.Tensor($"{name}attn_norm.weight", [Width], weights => weights.Fill(1));
            file.Tensor($"{name}attn_q.weight", [Width, Width], Draw(random, 0.4f));
            file.Tensor($"{name}attn_k.weight", [Width, KeyWidth], Draw(random, 0.4f));
            file.Tensor($"{name}attn_v.weight", [Width, KeyWidth], Draw(random, 0.4f));
            file.Tensor($"{name}attn_output.weight", [Width, Width], Draw(random, 0.4f));
            file.Tensor($"{name}ffn_norm.weight", [Width], weights => weights.Fill(1));
            file.Tensor($"{name}ffn_gate.weight", [Width, Width], Draw(random, 0.2f));
            file.Tensor($"{name}ffn_up.weight", [Width, Width], Draw(random, 0.2f));
            file.Tensor($"{name}ffn_down.weight", [Width, Width], Draw(random, 0.2f));
        }

        var output = new ArrayBufferWriter<byte>();
        file.WriteTo(output);
        return output.WrittenSpan.ToArray();
    }

    private static void Vocabulary(GgufWriter file)
    {
        const int Normal = 1, Unknown = 2, Control = 3, Byte = 6;
        var bytes = Enumerable.Range(0, 256).Select(value => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"));
        string[] texts = ["<unk>", "<s>", "</s>", .. bytes, "\u2581"];
        int[] types = [Unknown, Control, Control, .. Enumerable.Repeat(Byte, 256), Normal];
        file.Fact("tokenizer.ggml.model", "llama")
            .Fact("tokenizer.ggml.tokens", texts)
            .Fact("tokenizer.ggml.scores", new float[texts.Length])
            .Fact("tokenizer.ggml.token_type", types)
            .Fact("tokenizer.ggml.unknown_token_id", 0u)
            .Fact("tokenizer.ggml.bos_token_id", 1u)
            .Fact("tokenizer.ggml.eos_token_id", 2u)
            .Fact("tokenizer.ggml.add_bos_token", true)
            .Fact("tokenizer.ggml.add_space_prefix", false);
    }

    private static Action<Span<float>> Draw(Random random, float most) => weights =>
    {
        foreach (ref var weight in weights)
            weight = most * ((2 * random.NextSingle()) - 1);
    };

    /// <summary>What is no byte is never the likeliest, so that an answer ends only where it has to.</summary>
    private static Action<Span<float>> Output(Random random) => weights =>
    {
        Draw(random, 1)(weights);
        weights[..(FirstByte * Width)].Clear();
    };
}
