using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Helix.Core.Models;

namespace Helix.Core.Tests.Models;

public sealed class ModelFolderTests
{
    [Fact]
    public void A_folder_of_transformers_is_read()
    {
        var (format, facts) = Good(TinyFolder.Chat());

        Assert.Equal(ModelFormat.Safetensors, format);
        Assert.Equal(
            new ModelFacts("qwen3", null, 32 * 32 + 32 + 32 * 32, "BF16", 4096, 32, 2, 4, 2, 0, 2 * 2 * 8 * 2 * 2, 32, "tokenizer.json", TinyFolder.Template, ModelRole.Generation, "apache-2.0", 2),
            facts);
    }

    [Fact]
    public void Exl3_is_known_by_its_method_and_counts_what_is_packed()
    {
        var (format, facts) = Good(TinyFolder.Chat().With("quantization_config", new JsonObject { ["quant_method"] = "exl3", ["bits"] = 4.0 })
            .OneFile("pt", ("l.trellis", "I16", [2, 3, 64]), ("l.suh", "F16", [32]), ("l.svh", "F16", [48]), ("norm.weight", "F16", [32])));

        Assert.Equal((ModelFormat.Exl3, "4 bpw", 2 * 3 * 256 + 32L), (format, facts.Quantization, facts.Parameters));
    }

    [Fact]
    public void Mlx_is_known_by_its_quantization_and_counts_what_is_packed()
    {
        var (format, facts) = Good(TinyFolder.Chat().With("quantization", new JsonObject { ["group_size"] = 64, ["bits"] = 4 })
            .OneFile(null, ("l.weight", "U32", [32, 16]), ("l.scales", "BF16", [32, 2]), ("l.biases", "BF16", [32, 2]), ("norm.weight", "BF16", [32])));

        Assert.Equal((ModelFormat.Mlx, "4 bit", 32 * 128 + 32L), (format, facts.Quantization, facts.Parameters));
    }

    [Fact]
    public void Mlx_without_quantization_is_known_by_its_writer_or_its_card()
    {
        Assert.Equal(ModelFormat.Mlx, Good(TinyFolder.Chat().OneFile("mlx", ("a", "BF16", [4]))).Format);
        Assert.Equal(ModelFormat.Mlx, Good(TinyFolder.Chat().Text("README.md", "---\ntags:\n- mlx\n---\n")).Format);
        Assert.Equal(ModelFormat.Safetensors, Good(TinyFolder.Chat().Text("README.md", "# runs on mlx\n- mlx\n")).Format);
    }

    [Theory]
    [InlineData("awq", 4, "AWQ 4 bit")]
    [InlineData("fp8", null, "FP8")]
    public void Other_methods_stay_safetensors(string method, int? bits, string words)
    {
        var (format, facts) = Good(TinyFolder.Chat().With("quantization_config", new JsonObject { ["quant_method"] = method, ["bits"] = bits }));

        Assert.Equal((ModelFormat.Safetensors, words), (format, facts.Quantization));
    }

    [Fact]
    public void The_text_part_of_a_model_with_eyes_counts()
    {
        var folder = TinyFolder.Chat().With("architectures", new JsonArray("Gemma3ForConditionalGeneration")).With("model_type", "gemma3").With("num_hidden_layers", null)
            .With("text_config", new JsonObject { ["num_hidden_layers"] = 3, ["num_attention_heads"] = 8, ["num_key_value_heads"] = 1, ["head_dim"] = 16, ["max_position_embeddings"] = 100 });

        Assert.Equal((3, 100, 3L * 1 * 16 * 2 * 2), (Good(folder).Facts.Blocks, Good(folder).Facts.ContextTokens, Good(folder).Facts.KvBytesPerToken));
    }

    [Fact]
    public void Layers_that_keep_one_state_cost_nothing_by_the_token() =>
        Assert.Equal(1L * 2 * 8 * 2 * 2, Good(TinyFolder.Chat().With("layer_types", new JsonArray("linear_attention", "full_attention"))).Facts.KvBytesPerToken);

    [Fact]
    public void A_compressed_cache_costs_its_rank() =>
        Assert.Equal(2L * (512 + 64) * 2, Good(TinyFolder.Chat().With("kv_lora_rank", 512).With("qk_rope_head_dim", 64)).Facts.KvBytesPerToken);

    [Fact]
    public void Numbers_that_only_python_has_are_no_trouble() =>
        Assert.Equal(2, Good(TinyFolder.Chat().Text("config.json", """{"model_type": "granite", "time_step_limit": [0.0, Infinity, -Infinity, NaN], "say": "NaN \" Infinity", "num_hidden_layers": 2}""")).Facts.Blocks);

    [Theory]
    [InlineData("Qwen3ForSequenceClassification", false, "Reranking")]
    [InlineData("Qwen3ForCausalLM", true, "Embedding")]
    [InlineData("BertModel", false, "Embedding")]
    [InlineData("GPT2LMHeadModel", false, "Generation")]
    [InlineData("ViTForImageClassification", false, "Other")]
    public void What_it_is_for_is_told_by_its_class(string name, bool sentences, string role)
    {
        var folder = TinyFolder.Chat().With("architectures", new JsonArray(name));
        if (sentences) folder.Text("modules.json", "[]").Text("1_Pooling/config.json", "{}");

        Assert.Equal(role, Good(folder).Facts.Role.ToString());
    }

    [Fact]
    public void A_template_is_found_wherever_it_is_kept()
    {
        Assert.Equal("x", Good(TinyFolder.Chat().Text("chat_template.jinja", "x")).Facts.ChatTemplate);
        Assert.Equal("y", Good(TinyFolder.Chat().Text("tokenizer_config.json", """{"chat_template": [{"name": "tool_use", "template": "z"}, {"name": "default", "template": "y"}]}""")).Facts.ChatTemplate);
        Assert.Null(Good(TinyFolder.Chat().Text("tokenizer_config.json", "{}")).Facts.ChatTemplate);
        Assert.Null(Good(TinyFolder.Chat().Text("tokenizer_config.json", "{broken")).Facts.ChatTemplate);
    }

    [Fact]
    public void Weights_that_the_index_does_not_name_are_left_out()
    {
        var folder = TinyFolder.Chat().Text("consolidated.safetensors", "whatever").Text("pytorch_model.bin", "pickled").Text("setup.py", "import os").Text("a picture.png", "");

        var (shape, _) = Shape(folder);

        Assert.Equal(["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"], shape!.Weights);
        Assert.Equal(["README.md", "config.json", "model.safetensors.index.json", "tokenizer.json", "tokenizer_config.json"], shape.Beside);
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        Refused("it has no config.json", TinyFolder.Chat(), "config.json");
        Refused("this looks like a model for pictures", TinyFolder.Chat().Text("model_index.json", "{}"), "config.json");
        Refused("its index names model-00002-of-00002.safetensors, which is not there", TinyFolder.Chat().Without("model-00002-of-00002.safetensors"));
        Refused("model-00001-of-00002.safetensors is missing", TinyFolder.Chat().Without("model.safetensors.index.json").Without("model-00001-of-00002.safetensors"));
        Refused("it has no tokenizer", TinyFolder.Chat().Without("tokenizer.json"));
        Refused("its index promises more.weight in model.safetensors", TinyFolder.Chat().OneFile(null, ("a", "U8", [1])).Text("model.safetensors.index.json", """{"weight_map": {"a": "model.safetensors", "more.weight": "model.safetensors"}}"""));
        Refused("something that is no file", TinyFolder.Chat().Text("model.safetensors.index.json", """{"weight_map": {"a": "../../etc/passwd.safetensors"}}"""));
        Refused("its index has no weight_map", TinyFolder.Chat().Text("model.safetensors.index.json", "[]"));
        Refused("its index is broken", TinyFolder.Chat().Text("model.safetensors.index.json", "{"));
        Refused("config.json is broken", TinyFolder.Chat().Text("config.json", "{"));
        Refused("does not say which model", TinyFolder.Chat().Text("config.json", """{"num_hidden_layers": 2}"""));
        Refused("does not say num_hidden_layers", TinyFolder.Chat().Text("config.json", """{"model_type": "x"}"""));
        Refused("a number that is impossible", TinyFolder.Chat().With("num_hidden_layers", 1_000_000));
        Refused("it has no weights", Bare());
        Refused("but GGUF files", Bare().Text("model.gguf", "x"));
    }

    [Fact]
    public void Weights_that_can_run_programs_are_refused()
    {
        var (_, refusal) = Shape(Bare().Text("pytorch_model.bin", "x"));

        Assert.Contains("pytorch_model.bin: files of this kind can run programs when they are read", refusal!.Reason, StringComparison.Ordinal);
        Assert.Contains("safetensors", refusal.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_was_cut_off_is_seen()
    {
        var folder = TinyFolder.Chat();
        var whole = folder.Files["model-00002-of-00002.safetensors"];
        folder.Files["model-00002-of-00002.safetensors"] = whole[..^7];

        Refused("model-00002-of-00002.safetensors is not whole", folder);
    }

    [Fact]
    public void No_changed_configuration_makes_the_reader_throw()
    {
        var text = Encoding.UTF8.GetBytes(TinyFolder.Chat().With("layer_types", new JsonArray("full_attention", "linear_attention")).With("quantization", new JsonObject { ["bits"] = 4, ["group_size"] = 64 }).Config.ToJsonString());
        Gen.Select(Gen.Int[0, text.Length - 1], Gen.Byte).Array[1, 6].Sample(edits =>
        {
            var changed = (byte[])text.Clone();
            foreach (var (at, value) in edits) changed[at] = value;
            var (config, refusal) = FolderConfig.Read(changed);
            return config is null ? refusal!.Length > 0 : config.KvBytesPerToken >= 0;
        });
    }

    private static TinyFolder Bare()
    {
        var folder = TinyFolder.Chat().OneFile(null, ("a", "U8", [1]));
        return folder.Without("model.safetensors");
    }

    private static void Refused(string reason, TinyFolder folder, string? without = null)
    {
        var files = folder.All().Where(file => file.Key != without).ToDictionary();
        Assert.Contains(reason, Read(files).Refusal?.Reason ?? "nothing", StringComparison.Ordinal);
    }

    private static (ModelFormat Format, ModelFacts Facts) Good(TinyFolder folder)
    {
        var (good, refusal) = Read(folder.All());
        Assert.Null(refusal);
        return (good!.Format, good.Facts);
    }

    private static (FolderShape? Shape, FolderRefusal? Refusal) Shape(TinyFolder folder) => Shape(folder.All());

    private static (FolderShape? Shape, FolderRefusal? Refusal) Shape(IReadOnlyDictionary<string, byte[]> files) => FolderShape.Of(
        [.. files.Select(file => new FolderFile(file.Key, file.Value.Length))], files.TryGetValue("model.safetensors.index.json", out var index) ? index.AsMemory() : (ReadOnlyMemory<byte>?)null);

    private static (ModelFolder? Folder, FolderRefusal? Refusal) Read(IReadOnlyDictionary<string, byte[]> files)
    {
        var (shape, refusal) = Shape(files);
        if (shape is null) return (null, refusal);
        return ModelFolder.Of(
            shape,
            new(
                files["config.json"], files.TryGetValue("tokenizer_config.json", out var tokenizer) ? tokenizer.AsMemory() : (ReadOnlyMemory<byte>?)null,
                files.TryGetValue("chat_template.jinja", out var template) ? Encoding.UTF8.GetString(template) : null,
                files.TryGetValue("README.md", out var readme) ? Encoding.UTF8.GetString(readme) : null, files.ContainsKey("modules.json")),
            shape.Weights.ToDictionary(name => name, name => SafetensorsHeader.Read(files[name], files[name].Length), StringComparer.Ordinal));
    }
}
