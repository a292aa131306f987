using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Helix.Core.Clouds;

/// <summary>What the models of clouds cost: as the user says, else as <c>models/cloud-prices.yaml</c> does. Only <see cref="Parse"/> makes one.</summary>
internal sealed class CloudPrices
{
    private readonly Dictionary<(string Cloud, string Model), CloudPrice> _known;

    private CloudPrices(string observed, Dictionary<(string, string), CloudPrice> known) => (Observed, _known) = (observed, known);

    public static CloudPrices None { get; } = new("", []);

    /// <summary>The day on which the clouds' own pages said so.</summary>
    public string Observed { get; }

    public int Count => _known.Count;

    /// <summary>All that is wrong is told at once; then there are no prices.</summary>
    public static (CloudPrices? Prices, ImmutableArray<string> Errors) Parse(JsonNode? document)
    {
        CloudPriceFile? file;
        try
        {
            file = document.Deserialize(CloudPriceJson.Default.CloudPriceFile);
        }
        catch (JsonException wrong)
        {
            return (null, [$"{wrong.Path}: {wrong.Message}"]);
        }

        if (file is null) return (null, ["the list of prices is empty"]);
        var errors = ImmutableArray.CreateBuilder<string>();
        if (!DateOnly.TryParseExact(file.Observed, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)) errors.Add($"observed: '{file.Observed}' is no day like 2026-01-31");
        var known = new Dictionary<(string, string), CloudPrice>();
        foreach (var (cloud, list) in file.Clouds)
        {
            if (CloudProduct.Find(cloud) is null) errors.Add($"clouds: '{cloud}' is no cloud that helix knows");
            if (list.Source.Length == 0) errors.Add($"{cloud}: nothing is written without a source");
            foreach (var (model, price) in list.Models)
            {
                if (!price.IsSound) errors.Add($"{cloud}/{model}: no price is below 0 or above {CloudPrice.Highest}, and a long prompt costs no less than a short one");
                known[(cloud, model)] = price;
            }
        }

        return errors.Count > 0 ? (null, errors.ToImmutable()) : (new(file.Observed, known), []);
    }

    /// <param name="own">What the user says: each like <c>ID/MODEL=IN/OUT</c>, known to be good.</param>
    /// <returns>Null where nobody says.</returns>
    public CloudPrice? Of(CloudTarget cloud, string model, IReadOnlyList<string> own)
    {
        var best = Said($"{cloud.Id}/{model}", own);
        var known = CloudProduct.At(cloud.Address) is { } product ? _known.GetValueOrDefault((product.Id, model)) : null;
        return best is null ? known : known is null ? best : Of(best, known);
    }

    /// <summary>Every model whose price is known, by <c>CLOUD/MODEL</c>: those of the list, and those that the user names.</summary>
    /// <param name="own">What the user says, known to be good. What ends with a star names no model, and counts for those of the list.</param>
    public IReadOnlyDictionary<string, CloudPrice> All(IReadOnlyList<string> own)
    {
        var all = new Dictionary<string, CloudPrice>(StringComparer.Ordinal);
        foreach (var ((cloud, model), known) in _known) all[$"{cloud}/{model}"] = Said($"{cloud}/{model}", own) is { } best ? Of(best, known) : known;
        foreach (var line in own)
            if (Line(line) is var (name, price) && !name.EndsWith('*')) all.TryAdd(name, price);
        return all;
    }

    /// <summary>In and out each as much as the dearest of all models of which anybody says what they cost, long prompts included. The most that anything may cost where nobody says anything.</summary>
    /// <param name="own">What the user says, known to be good.</param>
    public CloudPrice Dearest(IReadOnlyList<string> own)
    {
        var all = All(own).Values.Concat(own.Select(Line).OfType<(string Pattern, CloudPrice Price)>().Select(line => line.Price)).ToArray();
        return all.Length == 0 ? new(CloudPrice.Highest, CloudPrice.Highest) : new(all.Max(price => price.LongIn ?? price.In), all.Max(price => price.LongOut ?? price.Out));
    }

    /// <summary>What the user says of a model; null where nothing.</summary>
    private static CloudPrice? Said(string name, IReadOnlyList<string> own)
    {
        CloudPrice? best = null;
        var length = -1;
        foreach (var line in own)
        {
            if (Line(line) is not var (pattern, price)) continue;
            // what names more of it counts
            var fits = pattern.EndsWith('*') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : name == pattern;
            var weight = pattern.EndsWith('*') ? pattern.Length - 1 : int.MaxValue;
            if (fits && weight > length) (best, length) = (price, weight);
        }

        return best;
    }

    /// <summary>Who says what a token costs does not say how long an answer may be, or that long prompts cost no more.</summary>
    private static CloudPrice Of(CloudPrice own, CloudPrice known) => own with
    {
        Answer = known.Answer,
        LongFrom = known.LongFrom,
        LongIn = Scaled(own.In, known.In, known.LongIn),
        LongOut = Scaled(own.Out, known.Out, known.LongOut),
    };

    private static decimal? Scaled(decimal own, decimal known, decimal? knownLong) => knownLong is not { } dear ? null : known > 0 ? own * Math.Max(1, dear / known) : Math.Max(own, dear);

    /// <summary>Null where this is a price that a user may write, else what may follow "was …".</summary>
    public static string? Refuse(string text) => Line(text) is null ? "; write it like openai/gpt-4.1=2/8, or example/*=0.5/1.5: dollars for a million tokens in and out" : null;

    private static (string Pattern, CloudPrice Price)? Line(string text)
    {
        var cut = text.LastIndexOf('=');
        if (cut < 0 || text[(cut + 1)..].Split('/') is not [var perPrompt, var perAnswer]) return null;
        var pattern = text[..cut];
        var slash = pattern.IndexOf('/', StringComparison.Ordinal);
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (slash < 1 || slash == pattern.Length - 1 || (star >= 0 && (star < slash || star != pattern.Length - 1)) || pattern.Any(letter => char.IsControl(letter) || char.IsWhiteSpace(letter))) return null;
        return Amount(perPrompt) is { } prompt && Amount(perAnswer) is { } answer ? (pattern, new(prompt, answer)) : null;
    }

    private static decimal? Amount(string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && amount is >= 0 and <= CloudPrice.Highest ? amount : null;
}

/// <summary>The prices of one cloud, as written.</summary>
/// <param name="Source">Who states them.</param>
/// <param name="Models">By the name that the cloud has for each.</param>
internal sealed record CloudPriceList(string Source, IReadOnlyDictionary<string, CloudPrice> Models);

/// <summary>The list as written.</summary>
internal sealed record CloudPriceFile(string Observed, IReadOnlyDictionary<string, CloudPriceList> Clouds);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CloudPriceFile))]
internal sealed partial class CloudPriceJson : JsonSerializerContext;
