using System.Buffers.Binary;
using System.Text;
using Helix.Core.Models;

namespace Helix.Core.Tests.Models;

public sealed class GgufHeaderTests
{
    [Fact]
    public void A_whole_file_gives_its_facts()
    {
        var file = TinyGguf.Chat().ToArray();

        var facts = Assert.IsType<GgufReading.Model>(GgufHeader.Read(file, file.Length)).Facts;

        Assert.Equal(
            new ModelFacts("llama", "tiny", 32 * 32 + 32 + 32 * 32, "Q8_0", 512, 32, 2, 4, 2, 0, 2 * 2 * (8 + 8) * 2, 32, "llama", TinyGguf.Template, ModelRole.Generation, "apache-2.0", 1),
            facts);
    }

    [Fact]
    public void A_growing_prefix_always_asks_for_more_than_it_has_and_ends_with_the_same_facts()
    {
        var file = TinyGguf.Chat().ToArray();
        var expected = GgufHeader.Read(file, file.Length);
        var have = 0L;
        var looks = 0;

        GgufReading reading;
        while ((reading = GgufHeader.Read(file.AsSpan(0, (int)have), file.Length)) is GgufReading.NeedMore(var wanted))
        {
            Assert.InRange(wanted, have + 1, file.Length);
            have = wanted;
            looks++;
        }

        Assert.Equal(expected, reading);
        Assert.InRange(looks, 2, 500);
    }

    [Theory]
    [InlineData("bert", ModelRole.Embedding)]
    [InlineData("nomic-bert", ModelRole.Embedding)]
    [InlineData("qwen3", ModelRole.Generation)]
    public void Encoders_are_known_by_their_architecture(string architecture, object role) => Assert.Equal(role, Facts(TinyGguf.Chat(architecture)).Role);

    [Theory]
    [InlineData(3u, ModelRole.Embedding)]
    [InlineData(4u, ModelRole.Reranking)]
    [InlineData(0u, ModelRole.Generation)]
    public void Pooling_tells_embedding_models_and_rerankers(uint pooling, object role) =>
        Assert.Equal(role, Facts(TinyGguf.Chat("qwen3").UInt32("qwen3.pooling_type", pooling)).Role);

    [Theory]
    [InlineData("bert", null, ModelRole.Reranking)]
    [InlineData("bert", 2u, ModelRole.Embedding)]
    [InlineData("qwen3", null, ModelRole.Reranking)]
    public void A_layer_that_judges_texts_tells_a_reranker_where_nothing_else_does(string architecture, uint? pooling, object role)
    {
        var file = TinyGguf.Chat(architecture).Tensor("cls.output.weight", 0, 32);
        if (pooling is { } type) file.UInt32($"{architecture}.pooling_type", type);

        Assert.Equal(role, Facts(file).Role);
    }

    [Fact]
    public void Only_the_layers_with_full_attention_count_for_the_memory_of_a_token()
    {
        var naive = Facts(TinyGguf.Chat("qwen35").UInt32("qwen35.block_count", 8)).KvBytesPerToken;

        Assert.Equal(naive / 4, Facts(TinyGguf.Chat("qwen35").UInt32("qwen35.block_count", 8).UInt32("qwen35.full_attention_interval", 4)).KvBytesPerToken);
    }

    [Fact]
    public void Heads_may_differ_from_layer_to_layer()
    {
        var facts = Facts(TinyGguf.Chat("deci").Int32s("deci.attention.head_count", [4, 8]).Int32s("deci.attention.head_count_kv", [0, 2]));

        Assert.Equal((8, 2), (facts.Heads, facts.KeyValueHeads));
        Assert.Equal(2 * (8 + 8) * 2, facts.KvBytesPerToken);
    }

    [Fact]
    public void Without_a_file_type_the_type_that_holds_most_bytes_is_named()
    {
        Assert.Equal("Q8_0", Facts(TinyGguf.Chat().Without("general.file_type")).Quantization);
        Assert.Equal("F32", Facts(TinyGguf.Chat().Without("general.file_type").Tensor("big", 0, 32, 1000)).Quantization);
    }

    [Fact]
    public void A_later_part_of_a_split_model_is_told_apart_from_its_first()
    {
        var later = TinyGguf.Part(1, 3).ToArray();
        var first = TinyGguf.Chat().UInt16("split.no", 0).UInt16("split.count", 3).ToArray();

        Assert.Equal(new GgufReading.Part(1, 3, 128), GgufHeader.Read(later, later.Length));
        Assert.Equal(3, Assert.IsType<GgufReading.Model>(GgufHeader.Read(first, first.Length)).Facts.Parts);
    }

    [Fact]
    public void A_file_cut_off_in_its_tensors_is_told_how_much_is_missing()
    {
        var file = TinyGguf.Chat().Tensor("big", 0, 32, 100_000).ToArray();

        var reading = GgufHeader.Read(file.AsSpan(0, 4096), file.Length - 12_300_000);

        Assert.StartsWith("the file ends 12.3 MB before its tensors do", Assert.IsType<GgufReading.Bad>(reading).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_padding_after_the_last_tensor_may_be_missing()
    {
        var file = TinyGguf.Chat().Tensor("odd", 0, 3).ToArray();
        var padding = 32 - 3 * 4;

        Assert.IsType<GgufReading.Model>(GgufHeader.Read(file, file.Length - padding));
        Assert.IsType<GgufReading.Bad>(GgufHeader.Read(file, file.Length - padding - 1));
    }

    [Fact]
    public void What_is_not_a_model_is_named()
    {
        Says("too small", "GGUF"u8.ToArray());
        Says("web page", Pad("<!DOCTYPE html><html>"));
        Says("Git LFS pointer", Pad("version https://git-lfs.github.com/spec/v1\noid sha256:"));
        Says("zip archive", Pad("PK\u0003\u0004"));
        Says("does not begin with GGUF", Pad("hello"));
        Says("big-endian", [.. "GGUF"u8, 0, 0, 0, 3, .. new byte[16]]);
        Says("version 1", [.. "GGUF"u8, 1, 0, 0, 0, .. new byte[16]]);
        Says("version 4", [.. "GGUF"u8, 4, 0, 0, 0, .. new byte[16]]);
    }

    [Fact]
    public void Every_wrong_header_is_refused_with_its_reason()
    {
        Says("claims 18446744073709551615 keys", TinyGguf.Chat(), f => f.ClaimedKeys = ulong.MaxValue);
        Says("claims 18446744073709551615 tensors", TinyGguf.Chat(), f => f.ClaimedTensors = ulong.MaxValue);
        Says("ends inside its header", TinyGguf.Chat().ToArray()[..100]);
        Says("tensor 3 has no name", TinyGguf.Chat(), f => f.ClaimedTensors = 60_000);
        Says("stands there twice", TinyGguf.Chat().Twice("general.name"));
        Says("empty or holds control characters", TinyGguf.Chat().Text("", "x"));
        Says("unknown type 13", TinyGguf.Chat().Raw("x", 13, _ => { }));
        Says("list of lists", TinyGguf.Chat().Raw("x", 9, w => { w.Write(9u); w.Write(1UL); }));
        Says("claims 9223372036854775807 elements", TinyGguf.Chat().Raw("x", 9, w => { w.Write(0u); w.Write((ulong)long.MaxValue); }));
        Says("more than the 16777216", TinyGguf.Chat().Raw("x", 8, w => w.Write(ulong.MaxValue)));
        Says("not valid UTF-8", TinyGguf.Chat().Raw("general.name", 8, w => { w.Write(2UL); w.Write((byte)0xC3); w.Write((byte)0x28); }));
        Says("should be true or false", TinyGguf.Chat().Bool("tokenizer.ggml.add_bos_token", 2));
        Says("power of two", TinyGguf.Chat().UInt32("general.alignment", 48));
        Says("general.architecture", TinyGguf.Chat().Without("general.architecture"));
        Says("does not say llama.block_count", TinyGguf.Chat().Without("llama.block_count"));
        Says("block_count is 513", TinyGguf.Chat().UInt32("llama.block_count", 513));
        Says("context_length is 0", TinyGguf.Chat().UInt32("llama.context_length", 0));
        Says("is of type Text", TinyGguf.Chat().Text("llama.context_length", "many"));
        Says("not a multiple of its 3", TinyGguf.Chat().UInt32("llama.attention.head_count_kv", 3));
        Says("have to be equal", TinyGguf.Chat().UInt32("llama.rope.dimension_count", 4));
        Says("1 values for 2 layers", TinyGguf.Chat("deci").Int32s("deci.attention.head_count", [4]));
        Says("does not know", TinyGguf.Chat().Text("llama.rope.scaling.type", "sideways"));
        Says("expert counts", TinyGguf.Chat().UInt32("llama.expert_count", 4).UInt32("llama.expert_used_count", 5));
        Says("not a model by itself", TinyGguf.Chat().Text("general.type", "adapter"));
        Says("vision projector", TinyGguf.Chat("clip"));
        Says("more than the 1048576", TinyGguf.Chat().Text("tokenizer.chat_template", new string('x', (1 << 20) + 1)));
    }

    [Fact]
    public void Every_wrong_tensor_is_refused_with_its_reason()
    {
        Says("no tensors", TinyGguf.Chat(), f => f.Tensors.Clear());
        Says("stands there twice", TinyGguf.Chat().Tensor("output.weight", 0, 1));
        Says("5 dimensions", TinyGguf.Chat().Tensor("x", 0, 1, 1, 1, 1, 1));
        Says("impossible shape", TinyGguf.Chat(), f => f.Tensors.Add(("x", [1UL << 40, 1UL << 40], 0, null)), sized: false);
        Says("impossible shape", TinyGguf.Chat().Tensor("x", 0, 0));
        Says("not a multiple of the 32", TinyGguf.Chat().Tensor("x", 8, 31, 32));
        Says("is of type 4", TinyGguf.Chat().Tensor("x", 4, 32));
        Says("is of type 99", TinyGguf.Chat().Tensor("x", 99, 32));
        Says("should begin at byte", TinyGguf.Chat(), f => f.Tensors[1] = f.Tensors[1] with { Offset = 0 });
        Says("should begin at byte", TinyGguf.Chat(), f => f.Tensors[2] = f.Tensors[2] with { Offset = 4096 });
        Says("more than the 63", TinyGguf.Chat().Tensor(new string('x', 64), 0, 1));
    }

    [Fact]
    public void Every_wrong_vocabulary_is_refused_with_its_reason()
    {
        Says("no vocabulary", TinyGguf.Chat().Without("tokenizer.ggml.tokens"));
        Says("the tokenizer 'klingon'", TinyGguf.Chat().Text("tokenizer.ggml.model", "klingon"));
        Says("scores has 31 entries for 32 tokens", TinyGguf.Chat().Floats("tokenizer.ggml.scores", new float[31]));
        Says("token_type has 33 entries for 32 tokens", TinyGguf.Chat().Int32s("tokenizer.ggml.token_type", new int[33]));
        Says("same text", TinyGguf.Chat().Texts("tokenizer.ggml.tokens", Enumerable.Range(0, 32).Select(i => $"{i % 31}")));
        Says("bos_token_id is 32", TinyGguf.Chat().UInt32("tokenizer.ggml.bos_token_id", 32));
        Says("marked as a byte", TinyGguf.Chat().Int32s("tokenizer.ggml.token_type", Enumerable.Repeat(6, 32)));
        Says("needs merges", TinyGguf.Chat().Text("tokenizer.ggml.model", "gpt2"));
        Says("begin with a token", TinyGguf.Chat().Text("tokenizer.ggml.model", "bert").Without("tokenizer.ggml.bos_token_id"));
        Says("end with a token", TinyGguf.Chat().UInt32("tokenizer.ggml.eos_token_id", uint.MaxValue).Text("tokenizer.ggml.model", "rwkv").Bool("tokenizer.ggml.add_eos_token", 1));
    }

    [Fact]
    public void Empty_tokens_do_not_count_as_equal() =>
        Assert.Equal(32, Facts(TinyGguf.Chat().Texts("tokenizer.ggml.tokens", Enumerable.Range(0, 32).Select(i => i < 4 ? "" : $"{i}"))).VocabularySize);

    internal static ModelFacts Facts(TinyGguf file)
    {
        var bytes = file.ToArray();
        var reading = GgufHeader.Read(bytes, bytes.Length);
        return reading is GgufReading.Model(var facts) ? facts : throw new InvalidOperationException(reading.ToString());
    }

    private static byte[] Pad(string text) => [.. Encoding.UTF8.GetBytes(text), .. new byte[64]];

    private static void Says(string reason, TinyGguf file, Action<TinyGguf>? spoil = null, bool sized = true)
    {
        spoil?.Invoke(file);
        Says(reason, sized ? file.ToArray() : Unsized(file));
    }

    private static void Says(string reason, byte[] file)
    {
        var bad = Assert.IsType<GgufReading.Bad>(GgufHeader.Read(file, file.Length));
        Assert.Contains(reason, bad.Reason, StringComparison.Ordinal);
        Assert.InRange(bad.Offset, 0, file.Length);
    }

    /// <summary>The last tensor's shape is written over a small one, so that no memory is asked for it here.</summary>
    private static byte[] Unsized(TinyGguf file)
    {
        var (name, shape, type, _) = file.Tensors[^1];
        file.Tensors[^1] = (name, [.. shape.Select(_ => 1UL)], type, null);
        var bytes = file.ToArray();
        var at = bytes.AsSpan().LastIndexOf(Encoding.UTF8.GetBytes(name)) + name.Length + 4;
        for (var i = 0; i < shape.Length; i++) BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at + i * 8), shape[i]);
        return bytes;
    }
}
