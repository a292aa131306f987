using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Helix.Core.Models;

/// <summary>What the small files in a model folder say, as far as they are there.</summary>
/// <param name="TokenizerConfig">The text of <c>tokenizer_config.json</c>.</param>
/// <param name="Template">The text of <c>chat_template.jinja</c>.</param>
/// <param name="Readme">The beginning of <c>README.md</c>.</param>
/// <param name="IsSentenceModel">There is a <c>modules.json</c>: sentence transformers make vectors with it.</param>
internal sealed record FolderTexts(ReadOnlyMemory<byte> Config, ReadOnlyMemory<byte>? TokenizerConfig, string? Template, string? Readme, bool IsSentenceModel);

/// <summary>A folder that engines may be given.</summary>
internal sealed record ModelFolder(ModelFormat Format, ModelFacts Facts, FolderShape Shape)
{
    private const int MaxTemplateLetters = 1 << 20;

    private static readonly string[] s_texts = ["ForCausalLM", "LMHeadModel", "ForConditionalGeneration"];
    private static readonly string[] s_speech = ["whisper", "speech_to_text", "speecht5", "wav2vec2", "moonshine", "musicgen"];

    /// <param name="weights">One reading for each of the shape's files of weights.</param>
    public static (ModelFolder? Folder, FolderRefusal? Refusal) Of(FolderShape shape, FolderTexts texts, IReadOnlyDictionary<string, SafetensorsReading> weights)
    {
        const string again = "Fetch the folder again, whole.";
        var tensors = new List<SafetensorsTensor>();
        var isMlx = false;
        foreach (var name in shape.Weights)
        {
            if (weights[name] is not SafetensorsReading.Good(var inside, var writer))
                return (null, new($"{name} is not whole: {(weights[name] as SafetensorsReading.Bad)?.Reason ?? "it became shorter while it was read"}", again));
            if (shape.Named.TryGetValue(name, out var promised) && Missing(promised, inside) is { } missing)
                return (null, new($"its index promises {missing} in {name}, which has no such tensor", again));
            tensors.AddRange(inside);
            isMlx |= writer == "mlx";
        }

        var (config, refusal) = FolderConfig.Read(texts.Config);
        if (config is null) return (null, new(refusal!, again));
        var card = FolderCard.Read(texts.Readme ?? "");
        var format = config.Method == "exl3" ? ModelFormat.Exl3
            : isMlx || config.Method == "mlx" || (config.Method is null && card.IsMlx) ? ModelFormat.Mlx
            : ModelFormat.Safetensors;
        return (new(format, new ModelFacts(
            config.Architecture,
            null,
            tensors.Sum(tensor => Parameters(tensor, config)),
            Quantization(config, tensors),
            config.Context,
            config.Hidden,
            config.Layers,
            config.Heads,
            config.KeyValueHeads,
            config.Experts,
            config.KvBytesPerToken,
            config.Vocabulary,
            shape.Tokenizer,
            Template(texts),
            Role(config, texts),
            card.License,
            shape.Weights.Length), shape), null);
    }

    private static string? Missing(ImmutableArray<string> promised, ImmutableArray<SafetensorsTensor> inside)
    {
        var names = inside.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        return promised.FirstOrDefault(name => !names.Contains(name));
    }

    /// <summary>How many numbers of the model a tensor holds: several are packed into one where the weights are quantized, and scales are none.</summary>
    private static long Parameters(SafetensorsTensor tensor, FolderConfig config)
    {
        var name = tensor.Name;
        return config switch
        {
            // 16 x 16 tiles, each one row of packed bits
            { Method: "exl3" } when name.EndsWith(".trellis", StringComparison.Ordinal) && tensor.Shape.Length == 3 => tensor.Shape[0] * tensor.Shape[1] * 256,
            { Method: "exl3" } when Ends(name, ".suh", ".svh", ".su", ".sv", ".mcg", ".mul1") => 0,
            // one scale for each group
            { Method: "mlx", GroupSize: { } group } when name.EndsWith(".scales", StringComparison.Ordinal) => tensor.Elements * group,
            { Method: "mlx" } when tensor.Kind == "U32" || name.EndsWith(".biases", StringComparison.Ordinal) => 0,
            { Bits: > 0 and var bits } when Ends(name, ".qweight", ".weight_packed") && tensor.Kind == "I32" => (long)(tensor.Elements * 32 / bits),
            { Method: not null } when Ends(name, ".scales", ".qzeros", ".g_idx", ".weight_scale", ".weight_scale_inv", ".input_scale", "_scales") => 0,
            // two four-bit numbers in a byte
            { Method: "mxfp4" } when name.EndsWith("_blocks", StringComparison.Ordinal) && tensor.Kind == "U8" => tensor.Elements * 2,
            _ => tensor.Elements,
        };
    }

    private static bool Ends(string name, params ReadOnlySpan<string> ends)
    {
        foreach (var end in ends)
            if (name.EndsWith(end, StringComparison.Ordinal))
                return true;
        return false;
    }

    private static string Quantization(FolderConfig config, List<SafetensorsTensor> tensors)
    {
        var bits = config.Bits?.ToString("0.##", CultureInfo.InvariantCulture);
        return config.Method switch
        {
            null => tensors.GroupBy(tensor => tensor.Kind, StringComparer.Ordinal).OrderByDescending(kind => kind.Sum(tensor => tensor.Bytes)).ThenBy(kind => kind.Key, StringComparer.Ordinal).First().Key,
            "mlx" => $"{bits} bit",
            "exl3" when bits is not null => $"{bits} bpw",
            var method => bits is null ? method.ToUpperInvariant() : $"{method.ToUpperInvariant()} {bits} bit",
        };
    }

    private static string? Template(FolderTexts texts)
    {
        if (texts.Template is { Length: > 0 and <= MaxTemplateLetters } file) return file;
        if (texts.TokenizerConfig is not { } json) return null;
        try
        {
            using var document = JsonDocument.Parse(PythonJson.Strict(json), new() { MaxDepth = 64 });
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("chat_template", out var template)) return null;
            // some have several, with names
            if (template.ValueKind == JsonValueKind.Array)
            {
                var named = template.EnumerateArray().Where(each => each.ValueKind == JsonValueKind.Object && each.TryGetProperty("template", out _)).ToArray();
                if (named.Length == 0) return null;
                var usual = named.Where(each => each.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String && name.ValueEquals("default")).Append(named[0]).First();
                template = usual.GetProperty("template");
            }

            return template.ValueKind == JsonValueKind.String && template.GetString() is { Length: > 0 and <= MaxTemplateLetters } text ? text : null;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return null; // an engine that needs it says so; the weights are whole
        }
    }

    private static ModelRole Role(FolderConfig config, FolderTexts texts) => config.Class switch
    {
        { } name when name.EndsWith("ForSequenceClassification", StringComparison.Ordinal) => ModelRole.Reranking,
        _ when texts.IsSentenceModel => ModelRole.Embedding,
        _ when s_speech.Contains(config.Architecture) => ModelRole.Other,
        null => ModelRole.Generation,
        { } name when s_texts.Any(end => name.EndsWith(end, StringComparison.Ordinal)) => ModelRole.Generation,
        { } name when name.EndsWith("Model", StringComparison.Ordinal) || name.EndsWith("ForMaskedLM", StringComparison.Ordinal) => ModelRole.Embedding,
        _ => ModelRole.Other,
    };
}
