using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;

namespace Helix.Core.Models;

/// <summary>
/// Makes a GGUF model of the llama architecture whose weights are set by hand, so that a real engine answers any prompt
/// with exactly one text and then ends. Attention and feed-forward are zero; what is left is a table from each token to the next.
/// </summary>
internal static class ScriptedGguf
{
    /// <summary>The best known chat template, in the words by which llama.cpp recognises it.</summary>
    public const string ChatMl =
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    private const int Unknown = 0;
    private const int Begin = 1;
    private const int End = 2;
    private const int FirstByte = 5;
    private const int FirstOfAnswer = FirstByte + 256 + 1;

    // How far the answer has come is written as hexadecimal digits, each as one of sixteen: numbers that differ stay far apart
    // in any precision. Two more digits hold the token's own number; only embeddings see them.
    private const int PlaceDigits = 4;
    private const int TokenDigits = 2;
    private const int Width = (PlaceDigits + TokenDigits) * 16;
    private const int HeadWidth = 32;
    private const int FeedForward = 32;
    private const float Certainty = 16;

    /// <summary>No answer has more tokens.</summary>
    public const int MostPieces = (1 << (4 * PlaceDigits)) - FirstOfAnswer;

    /// <param name="answer">Any valid Unicode text; empty for a model that ends at once.</param>
    /// <param name="contextLength">Tokens the model claims to have been trained for; each takes 128 bytes of an engine's memory.</param>
    /// <param name="chatTemplate">Null for a model without one.</param>
    /// <exception cref="ArgumentException">The answer needs more than 65,000 tokens.</exception>
    public static byte[] Make(string answer, string name = "scripted", int contextLength = 32768, string? chatTemplate = ChatMl)
    {
        var pieces = ScriptedPieces.Cut(answer);
        return pieces.Length <= MostPieces ? OfPieces(pieces, name, contextLength, chatTemplate) : throw new ArgumentException($"The answer is cut into {pieces.Length} tokens, more than fit.", nameof(answer));
    }

    /// <summary>The same of tokens that are given. What a prompt may spell out, it may end with, and the answer goes on from there.</summary>
    /// <param name="pieces">At most <see cref="MostPieces"/>, no two the same.</param>
    public static byte[] OfPieces(ImmutableArray<ScriptedPiece> pieces, string name = "scripted", int contextLength = 32768, string? chatTemplate = ChatMl)
    {
        var count = FirstOfAnswer + pieces.Length;
        var file = new GgufWriter()
            .Fact("general.architecture", "llama")
            .Fact("general.name", name)
            .Fact("general.description", "Weights set by hand to give one fixed text; not a language model")
            .Fact("general.file_type", 0u)
            .Fact("llama.context_length", (uint)contextLength)
            .Fact("llama.embedding_length", (uint)Width)
            .Fact("llama.block_count", 1u)
            .Fact("llama.feed_forward_length", (uint)FeedForward)
            .Fact("llama.attention.head_count", (uint)(Width / HeadWidth))
            .Fact("llama.attention.head_count_kv", 1u)
            .Fact("llama.attention.layer_norm_rms_epsilon", 1e-5f)
            .Fact("llama.rope.dimension_count", (uint)HeadWidth)
            .Fact("llama.vocab_size", (uint)count);
        Vocabulary(file, pieces);
        if (chatTemplate is not null)
            file.Fact("tokenizer.chat_template", chatTemplate);
        Weights(file, count);

        var output = new ArrayBufferWriter<byte>();
        file.WriteTo(output);
        return output.WrittenSpan.ToArray();
    }

    private static void Vocabulary(GgufWriter file, IReadOnlyList<ScriptedPiece> pieces)
    {
        const int Normal = 1, UnknownType = 2, Control = 3, Byte = 6;
        var bytes = Enumerable.Range(0, 256).Select(value => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"));
        string[] texts = ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>", .. bytes, "\u2581", .. pieces.Select(piece => piece.Text)];
        int[] types = [UnknownType, Control, Control, Control, Control, .. Enumerable.Repeat(Byte, 256), Normal, .. pieces.Select(piece => piece.IsByte ? Byte : Normal)];
        file.Fact("tokenizer.ggml.model", "llama")
            .Fact("tokenizer.ggml.tokens", texts)
            .Fact("tokenizer.ggml.scores", new float[texts.Length])
            .Fact("tokenizer.ggml.token_type", types)
            .Fact("tokenizer.ggml.unknown_token_id", (uint)Unknown)
            .Fact("tokenizer.ggml.bos_token_id", (uint)Begin)
            .Fact("tokenizer.ggml.eos_token_id", (uint)End)
            .Fact("tokenizer.ggml.add_bos_token", true)
            .Fact("tokenizer.ggml.add_space_prefix", false);
    }

    private static void Weights(GgufWriter file, int count) => file
        .Tensor("token_embd.weight", [Width, count], weights => Embed(weights, count))
        .Tensor("output_norm.weight", [Width], weights => weights.Fill(1))
        .Tensor("output.weight", [Width, count], weights => Continue(weights, count))
        .Tensor("blk.0.attn_norm.weight", [Width], weights => weights.Fill(1))
        .Tensor("blk.0.attn_q.weight", [Width, Width])
        .Tensor("blk.0.attn_k.weight", [Width, HeadWidth])
        .Tensor("blk.0.attn_v.weight", [Width, HeadWidth])
        .Tensor("blk.0.attn_output.weight", [Width, Width])
        .Tensor("blk.0.ffn_norm.weight", [Width], weights => weights.Fill(1))
        .Tensor("blk.0.ffn_gate.weight", [Width, FeedForward])
        .Tensor("blk.0.ffn_up.weight", [Width, FeedForward])
        .Tensor("blk.0.ffn_down.weight", [FeedForward, Width]);

    /// <summary>Every token of a prompt stands before the answer; a token of the answer stands where it is in it.</summary>
    private static void Embed(Span<float> weights, int count)
    {
        for (var token = 0; token < count; token++)
        {
            var row = weights.Slice(token * Width, Width);
            WriteNumber(row, Math.Max(0, token - FirstOfAnswer + 1), PlaceDigits, 1);
            WriteNumber(row[(PlaceDigits * 16)..], token, TokenDigits, 1);
        }
    }

    /// <summary>Each token of the answer follows the place before it, the end follows the last; no other token ever comes.</summary>
    private static void Continue(Span<float> weights, int count)
    {
        for (var token = FirstOfAnswer; token < count; token++)
            WriteNumber(weights.Slice(token * Width, Width), token - FirstOfAnswer, PlaceDigits, Certainty);
        WriteNumber(weights.Slice(End * Width, Width), count - FirstOfAnswer, PlaceDigits, Certainty);
    }

    private static void WriteNumber(Span<float> row, int number, int digits, float value)
    {
        for (var digit = 0; digit < digits; digit++)
            row[(digit * 16) + ((number >> (4 * digit)) & 15)] = value;
    }
}
