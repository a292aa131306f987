using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Helix.Core.Models;

/// <param name="Name">Relative to the folder, with '/' between its parts.</param>
internal sealed record FolderFile(string Name, long Bytes);

/// <summary>Why a folder is no model.</summary>
internal sealed record FolderRefusal(string Reason, string Remedy);

/// <summary>Which files of a folder make up the model, by their names and its index.</summary>
/// <param name="Weights">In the order of their names.</param>
/// <param name="Beside">Configuration, tokenizer, licence: what an engine or a reader needs besides.</param>
/// <param name="Tokenizer">The file that an engine would take.</param>
/// <param name="Named">For each file of weights the tensors that the index promises in it; empty without an index.</param>
internal sealed partial record FolderShape(ImmutableArray<string> Weights, ImmutableArray<string> Beside, string Tokenizer, ImmutableDictionary<string, ImmutableArray<string>> Named)
{
    public const string Config = "config.json";
    public const string IndexEnd = ".safetensors.index.json";
    public const string End = ".safetensors";

    /// <summary>More than any model has.</summary>
    public const int MaxWeights = 1024;

    private const string Again = "Fetch the folder again, whole.";

    private static readonly string[] s_tokenizers =
        ["tokenizer.json", "tokenizer.model", "tekken.json", "spiece.model", "sentencepiece.bpe.model", "tokenizer.tiktoken", "qwen.tiktoken", "vocab.txt", "vocab.json"];

    /// <summary>Weights that are programs too: reading them runs what is in them.</summary>
    private static readonly string[] s_pickles = [".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"];

    /// <param name="index">The text of the index where there is one.</param>
    public static (FolderShape? Shape, FolderRefusal? Refusal) Of(IReadOnlyList<FolderFile> files, ReadOnlyMemory<byte>? index)
    {
        var names = files.Select(file => file.Name).ToHashSet(StringComparer.Ordinal);
        var top = names.Where(name => !name.Contains('/', StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToArray();
        if (!names.Contains(Config) && top.Any(IsGguf)) return OnlyGguf();
        if (!names.Contains(Config))
            return Refuse(names.Contains("model_index.json") ? "it has no config.json; this looks like a model for pictures, which no engine here serves" : "it has no config.json", "Name the folder that holds config.json and the weights.");

        var (named, broken) = index is { } text ? Index(text) : (ImmutableDictionary<string, ImmutableArray<string>>.Empty, null);
        if (broken is not null) return Refuse(broken, Again);
        if (named.Keys.Order(StringComparer.Ordinal).FirstOrDefault(name => !names.Contains(name)) is { } missing)
            return Refuse($"its index names {missing}, which is not there", Again);

        string[] weights = !named.IsEmpty ? [.. named.Keys.Order(StringComparer.Ordinal)]
            : names.Contains("model.safetensors") ? ["model.safetensors"] : [.. top.Where(name => name.EndsWith(End, StringComparison.Ordinal))];
        if (weights.Length == 0) return NoWeights(top);
        if (weights.Length > MaxWeights) return Refuse($"it has {weights.Length} files of weights; {MaxWeights} are the most", Again);
        if (named.IsEmpty && Hole(weights) is { } hole) return Refuse($"{hole} is missing: its neighbours say that it belongs to them", Again);
        if (s_tokenizers.FirstOrDefault(names.Contains) is not { } tokenizer)
            return Refuse("it has no tokenizer (tokenizer.json, tokenizer.model, …)", "Fetch the tokenizer's files of the same model too.");
        return (new([.. weights], [.. names.Where(IsBeside).Order(StringComparer.Ordinal)], tokenizer, named), null);
    }

    /// <summary>Whether a folder inside belongs to the model: those of sentence transformers, which tell how vectors are made.</summary>
    public static bool IsPart(string folder) => PartForm().IsMatch(folder);

    private static (FolderShape?, FolderRefusal?) NoWeights(string[] top) =>
        top.FirstOrDefault(name => s_pickles.Contains(Path.GetExtension(name))) is { } pickle
            ? Refuse($"its weights are in {pickle}: files of this kind can run programs when they are read, so they are not taken", "Look for the same model as safetensors or GGUF.")
            : top.Any(IsGguf) ? OnlyGguf() : Refuse("it has no weights (*.safetensors)", Again);

    private static bool IsGguf(string name) => name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);

    private static (FolderShape?, FolderRefusal?) OnlyGguf() => Refuse("it has no safetensors, but GGUF files", "Name the GGUF file in it; of a model in several files name any one.");

    private static (FolderShape?, FolderRefusal?) Refuse(string reason, string remedy) => (null, new(reason, remedy));

    /// <summary>The first part that numbered names promise and that is not among them.</summary>
    private static string? Hole(string[] weights)
    {
        foreach (var name in weights)
        {
            if (NumberedForm().Match(name) is not { Success: true } match || int.Parse(match.Groups[3].ValueSpan, CultureInfo.InvariantCulture) is not (> 0 and <= MaxWeights and var count)) continue;
            for (var number = 1; number <= count; number++)
            {
                var part = string.Create(CultureInfo.InvariantCulture, $"{match.Groups[1].Value}-{number:00000}-of-{match.Groups[3].Value}{End}");
                if (!weights.Contains(part)) return part;
            }
        }

        return null;
    }

    private static (ImmutableDictionary<string, ImmutableArray<string>> Named, string? Broken) Index(ReadOnlyMemory<byte> text)
    {
        var none = ImmutableDictionary<string, ImmutableArray<string>>.Empty;
        try
        {
            using var document = JsonDocument.Parse(text, new() { MaxDepth = 16 });
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
                return (none, "its index has no weight_map");
            var named = new Dictionary<string, List<string>>(StringComparer.Ordinal);
            foreach (var pair in map.EnumerateObject())
            {
                if (pair.Value.ValueKind != JsonValueKind.String || pair.Value.GetString() is not { } file || !FileForm().IsMatch(file)) return (none, $"its index says of {pair.Name} something that is no file");
                if (named.TryGetValue(file, out var tensors)) tensors.Add(pair.Name);
                else named[file] = [pair.Name];
            }

            return named.Count == 0 ? (none, "its index names no file") : (named.ToImmutableDictionary(pair => pair.Key, pair => pair.Value.ToImmutableArray(), StringComparer.Ordinal), null);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return (none, $"its index is broken: {broken.Message}");
        }
    }

    private static bool IsBeside(string name) => name.Split('/') switch
    {
        [var file] => BesideForm().IsMatch(file),
        [var folder, var file] => IsPart(folder) && (file.EndsWith(".json", StringComparison.Ordinal) || file.EndsWith(End, StringComparison.Ordinal)),
        _ => false,
    };

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,200}\.safetensors$", RegexOptions.CultureInvariant)]
    private static partial Regex FileForm();

    [GeneratedRegex(@"^(.+)-(\d{5})-of-(\d{5})\.safetensors$", RegexOptions.CultureInvariant)]
    private static partial Regex NumberedForm();

    [GeneratedRegex(@"^\d{1,2}_[A-Za-z]{1,40}$", RegexOptions.CultureInvariant)]
    private static partial Regex PartForm();

    [GeneratedRegex(@"^([A-Za-z0-9][A-Za-z0-9._-]{0,200}\.(json|jinja|model|tiktoken|txt)|README\.md|LICEN[CS]E[A-Za-z0-9._-]{0,40}|NOTICE[A-Za-z0-9._-]{0,40})$", RegexOptions.CultureInvariant)]
    private static partial Regex BesideForm();
}
