using Helix.Core.Models;

namespace Helix.Bench.Models;

/// <summary>Makes models of random weights: as fast and as large as real ones, and of no other use. What they say never ends by itself.</summary>
internal static class RandomGguf
{
    private const string Template =
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    private const int Seed = 20;

    /// <summary>The file, made now where it is not there yet.</summary>
    /// <param name="seed">Another one makes another model of the same size: it shares no memory with this one.</param>
    public static string Get(string folder, Shape shape, int seed = Seed)
    {
        var path = Path.Combine(folder, seed == Seed ? shape.FileName : $"{seed}-{shape.FileName}");
        if (File.Exists(path)) return path;
        Console.Error.WriteLine($"  making {Path.GetFileName(path)} …");
        Directory.CreateDirectory(folder);
        using (var stream = new FileStream(path + ".part", FileMode.Create, FileAccess.Write, FileShare.None, 0))
            Write(stream, shape, seed);
        File.Move(path + ".part", path, overwrite: true);
        return path;
    }

    private static void Write(Stream stream, Shape shape, int seed)
    {
        var file = new GgufWriter()
            .Fact("general.architecture", "llama")
            .Fact("general.name", shape.Name)
            .Fact("general.description", "Random weights, for measuring only")
            .Fact("general.file_type", shape.Quants.FileType)
            .Fact("llama.context_length", 4096u)
            .Fact("llama.embedding_length", (uint)shape.Width)
            .Fact("llama.block_count", (uint)shape.Layers)
            .Fact("llama.feed_forward_length", (uint)shape.FeedForward)
            .Fact("llama.attention.head_count", (uint)shape.Heads)
            .Fact("llama.attention.head_count_kv", (uint)shape.KeyValueHeads)
            .Fact("llama.attention.layer_norm_rms_epsilon", 1e-5f)
            .Fact("llama.rope.dimension_count", (uint)shape.HeadWidth)
            .Fact("llama.vocab_size", (uint)Words.Count)
            .Fact("tokenizer.ggml.model", "llama")
            .Fact("tokenizer.ggml.tokens", Words.Tokens)
            .Fact("tokenizer.ggml.scores", [.. Enumerable.Range(0, Words.Count).Select(token => (float)-token)])
            .Fact("tokenizer.ggml.token_type", Words.Kinds)
            .Fact("tokenizer.ggml.unknown_token_id", 0u)
            .Fact("tokenizer.ggml.bos_token_id", 1u)
            .Fact("tokenizer.ggml.eos_token_id", (uint)Words.End)
            .Fact("tokenizer.ggml.add_bos_token", true)
            .Fact("tokenizer.ggml.add_space_prefix", true)
            .Fact("tokenizer.chat_template", Template);
        var random = new Random(seed);
        Matrix("token_embd.weight", shape.Width, Words.Count);
        Ones("output_norm.weight");
        Matrix("output.weight", shape.Width, Words.Count, silent: Words.FirstWord);
        var keyValueWidth = shape.HeadWidth * shape.KeyValueHeads;
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            Ones($"blk.{layer}.attn_norm.weight");
            Matrix($"blk.{layer}.attn_q.weight", shape.Width, shape.Width);
            Matrix($"blk.{layer}.attn_k.weight", shape.Width, keyValueWidth);
            Matrix($"blk.{layer}.attn_v.weight", shape.Width, keyValueWidth);
            Matrix($"blk.{layer}.attn_output.weight", shape.Width, shape.Width);
            Ones($"blk.{layer}.ffn_norm.weight");
            Matrix($"blk.{layer}.ffn_gate.weight", shape.Width, shape.FeedForward);
            Matrix($"blk.{layer}.ffn_up.weight", shape.Width, shape.FeedForward);
            Matrix($"blk.{layer}.ffn_down.weight", shape.FeedForward, shape.Width);
        }

        file.WriteTo(new FileBuffer(stream));

        void Ones(string name) => file.Tensor(name, [shape.Width], weights => weights.Fill(1));

        // silent rows are zero: a token without a score is never the best one, so no end and no half character comes
        void Matrix(string name, int width, int height, int silent = 0) =>
            file.Tensor(name, [width, height], shape.Quants.Type, shape.Quants.RowBytes(width) * height, bytes =>
            {
                shape.Quants.Fill(bytes, width, random);
                bytes[..(int)(shape.Quants.RowBytes(width) * silent)].Clear();
            });
    }
}
