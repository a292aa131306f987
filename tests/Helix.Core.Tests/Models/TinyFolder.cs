using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;

namespace Helix.Core.Tests.Models;

/// <summary>Makes the files of a small model folder; every one can be replaced or left out.</summary>
internal sealed class TinyFolder
{
    public const string Template = "{% for m in messages %}{{ m.content }}{% endfor %}";

    public SortedDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    public JsonObject Config { get; private init; } = [];

    /// <summary>A qwen3 of two layers in two files with an index, a tokenizer and a chat template.</summary>
    public static TinyFolder Chat()
    {
        var folder = new TinyFolder
        {
            Config = new JsonObject
            {
                ["model_type"] = "qwen3", ["architectures"] = new JsonArray("Qwen3ForCausalLM"), ["num_hidden_layers"] = 2, ["num_attention_heads"] = 4,
                ["num_key_value_heads"] = 2, ["head_dim"] = 8, ["hidden_size"] = 32, ["max_position_embeddings"] = 4096, ["vocab_size"] = 32,
            },
        };
        return folder
            .Weights("model-00001-of-00002.safetensors", ("embed.weight", "BF16", [32, 32]))
            .Weights("model-00002-of-00002.safetensors", ("norm.weight", "BF16", [32]), ("head.weight", "BF16", [32, 32]))
            .Text("model.safetensors.index.json", """{"metadata": {"total_size": 4160}, "weight_map": {"embed.weight": "model-00001-of-00002.safetensors", "norm.weight": "model-00002-of-00002.safetensors", "head.weight": "model-00002-of-00002.safetensors"}}""")
            .Text("tokenizer.json", "{}").Text("tokenizer_config.json", new JsonObject { ["chat_template"] = Template }.ToJsonString()).Text("README.md", "---\nlicense: apache-2.0\n---\n# tiny\n");
    }

    public TinyFolder Text(string name, string text)
    {
        Files[name] = Encoding.UTF8.GetBytes(text);
        return this;
    }

    public TinyFolder Without(string name)
    {
        Files.Remove(name);
        return this;
    }

    public TinyFolder With(string key, JsonNode? value)
    {
        Config[key] = value;
        return this;
    }

    public TinyFolder Weights(string name, params (string Name, string Kind, long[] Shape)[] tensors)
    {
        Files[name] = Safetensors(null, tensors);
        return this;
    }

    /// <summary>Replaces the weights by one file.</summary>
    public TinyFolder OneFile(string? format, params (string Name, string Kind, long[] Shape)[] tensors)
    {
        foreach (var name in Files.Keys.Where(name => name.Contains(".safetensors", StringComparison.Ordinal)).ToArray()) Files.Remove(name);
        Files["model.safetensors"] = Safetensors(format, tensors);
        return this;
    }

    /// <summary>Every file, the configuration too unless it was replaced.</summary>
    public IReadOnlyDictionary<string, byte[]> All()
    {
        var all = new Dictionary<string, byte[]>(Files, StringComparer.Ordinal);
        all.TryAdd("config.json", Encoding.UTF8.GetBytes(Config.ToJsonString()));
        return all;
    }

    public void Write(string folder)
    {
        foreach (var (name, bytes) in All())
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            System.IO.File.WriteAllBytes(path, bytes);
        }
    }

    public static byte[] Safetensors(string? format, params (string Name, string Kind, long[] Shape)[] tensors)
    {
        var (header, at) = (new JsonObject(), 0L);
        if (format is not null) header["__metadata__"] = new JsonObject { ["format"] = format };
        foreach (var (name, kind, shape) in tensors)
        {
            var bytes = shape.Aggregate(1L, (product, next) => product * next) * (kind is "F32" or "U32" or "I32" ? 4 : kind is "U8" ? 1 : 2);
            header[name] = new JsonObject
            {
                ["dtype"] = kind, ["shape"] = new JsonArray([.. shape.Select(each => (JsonNode)each)]), ["data_offsets"] = new JsonArray(at, at + bytes),
            };
            at += bytes;
        }

        return File(header.ToJsonString(), at);
    }

    /// <summary>A file with any header, right or wrong.</summary>
    public static byte[] File(string header, long dataBytes)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var file = new byte[8 + text.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(file, text.Length);
        text.CopyTo(file, 8);
        return file;
    }
}
