using System.Text.Json;

namespace Helix.Core.Models;

/// <summary>What a model folder's <c>config.json</c> says of the model.</summary>
/// <param name="Architecture">The kind in small letters, for example <c>qwen3</c>.</param>
/// <param name="Class">Of transformers, for example <c>Qwen3ForCausalLM</c>; null where none is named.</param>
/// <param name="Method">Of quantization, in small letters; null where there is none.</param>
/// <param name="Bits">A number, or as fine as the method has it; null where the method needs none.</param>
/// <param name="GroupSize">Numbers that share a scale, where MLX says so.</param>
internal sealed record FolderConfig(
    string Architecture, string? Class, int Context, int Hidden, int Layers, int Heads, int KeyValueHeads, int Experts, long KvBytesPerToken, int Vocabulary,
    string? Method, double? Bits, int? GroupSize)
{
    private const int BytesPerNumber = 2;
    private const long MaxLayers = 4096;
    private const long MaxHeads = 1 << 16;
    private const long MaxLength = 1 << 24;

    private static readonly JsonDocumentOptions s_strict = new() { MaxDepth = 64 };

    /// <returns>Either the configuration or what is wrong with it.</returns>
    public static (FolderConfig? Config, string? Refusal) Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(PythonJson.Strict(json), s_strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? Read(new Fields(document.RootElement)) : (null, "config.json is no JSON object");
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return (null, $"config.json is broken: {broken.Message}");
        }
    }

    private static (FolderConfig? Config, string? Refusal) Read(Fields fields)
    {
        var type = fields.Text("model_type");
        var named = fields.FirstText("architectures");
        if (type is null && named is null) return (null, "config.json does not say which model this is (model_type, architectures)");
        if (fields.Number("num_hidden_layers", "n_layer", "num_layers", "n_layers") is not { } layers) return (null, "config.json does not say num_hidden_layers");

        var heads = fields.Number("num_attention_heads", "n_head", "n_heads") ?? 0;
        var keyValueHeads = fields.Number("num_key_value_heads", "n_head_kv") ?? heads;
        var hidden = fields.Number("hidden_size", "n_embd", "d_model") ?? 0;
        var each = Math.Max(fields.Number("head_dim") ?? (heads == 0 ? 0 : hidden / heads), fields.Number("global_head_dim") ?? 0);
        var context = fields.Number("max_position_embeddings", "n_positions", "max_sequence_length", "max_seq_len", "seq_length") ?? 0;
        if (layers is 0 or > MaxLayers || heads > MaxHeads || keyValueHeads > MaxHeads || hidden > MaxLength || each > MaxLength || context > 1 << 30)
            return (null, "config.json has a number that is impossible (layers, heads, hidden_size or max_position_embeddings)");

        var attending = fields.AttendingLayers((int)layers);
        // models that keep one compressed vector for all heads say its rank
        var kv = fields.Number("kv_lora_rank") is > 0 and <= MaxLength and var rank
            ? attending * (rank + Math.Min(fields.Number("qk_rope_head_dim") ?? 0, MaxLength)) * BytesPerNumber
            : attending * keyValueHeads * each * 2 * BytesPerNumber;
        var (method, bits, group) = fields.Quantization();
        return (new(
            (type ?? named!).ToLowerInvariant(), named, (int)context, (int)hidden, (int)layers, (int)heads, (int)keyValueHeads,
            (int)Math.Min(fields.Number("num_local_experts", "num_experts", "n_routed_experts") ?? 0, int.MaxValue), kv,
            (int)Math.Min(fields.Number("vocab_size") ?? 0, int.MaxValue), method, bits, group), null);
    }

    /// <summary>The configuration's keys; of a model with several parts, those of its text part before those of the whole.</summary>
    private readonly struct Fields
    {
        private readonly JsonElement _root;
        private readonly JsonElement _text;

        public Fields(JsonElement root)
        {
            (_root, _text) = (root, root);
            foreach (var part in (string[])["text_config", "llm_config", "language_config"])
                if (root.TryGetProperty(part, out var text) && text.ValueKind == JsonValueKind.Object)
                    _text = text;
        }

        public string? Text(string key) => _root.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= 256 } text ? text : null;

        public string? FirstText(string key) =>
            _root.TryGetProperty(key, out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0
            && list[0] is { ValueKind: JsonValueKind.String } first && first.GetString() is { Length: > 0 and <= 256 } text ? text : null;

        /// <summary>The first of these keys that is a whole number from 0 on.</summary>
        public long? Number(params ReadOnlySpan<string> keys)
        {
            foreach (var key in keys)
            {
                if (_text.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0) return number;
                if (_root.TryGetProperty(key, out value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out number) && number >= 0) return number;
            }

            return null;
        }

        /// <summary>Layers that keep something for each token: not those that keep one state for all of them.</summary>
        public long AttendingLayers(int layers)
        {
            if (_text.TryGetProperty("layer_types", out var types) && types.ValueKind == JsonValueKind.Array && types.GetArrayLength() == layers)
                return types.EnumerateArray().Count(type => type.ValueKind == JsonValueKind.String && type.GetString() is { } word && word.Contains("attention", StringComparison.Ordinal) && !word.StartsWith("linear", StringComparison.Ordinal));
            return Number("full_attention_interval") is > 0 and var interval && interval <= layers ? layers / interval : layers;
        }

        public (string? Method, double? Bits, int? GroupSize) Quantization()
        {
            if (Part("quantization_config") is { } quantized && quantized.TryGetProperty("quant_method", out var method) && method.ValueKind == JsonValueKind.String)
                return (method.GetString()!.ToLowerInvariant(), Double(quantized, "bits") ?? Double(quantized, "w_bit"), null);
            // MLX writes the same under both names
            if ((Part("quantization") ?? Part("quantization_config")) is { } mlx && Double(mlx, "bits") is { } bits && Double(mlx, "group_size") is > 0 and <= 1 << 16 and var group)
                return ("mlx", bits, (int)group);
            return (null, null, null);
        }

        private JsonElement? Part(string key)
        {
            foreach (var holder in (JsonElement[])[_root, _text])
                if (holder.TryGetProperty(key, out var part) && part.ValueKind == JsonValueKind.Object)
                    return part;
            return null;
        }

        private static double? Double(JsonElement part, string key) =>
            part.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number is > 0 and < 1e6 ? number : null;
    }
}
