using System.Text.Json.Serialization;

namespace Helix.Core.Reports;

/// <summary>What was recorded of a stretch of time. Answer of <c>GET /helix/v1/report</c>; pages for a person are made of this and of nothing else.</summary>
/// <param name="Version">Of the helix that made it.</param>
/// <param name="Advice">The most pressing first; empty where nothing in the figures asks for a change.</param>
internal sealed record PeriodReport(
    string Version, ReportPeriod Period, ReportUptime Uptime, ReportHealing Healing, ReportUpdates Updates, ReportUsage Usage, ReportSavings Savings, IReadOnlyList<ReportAdvice> Advice);

/// <param name="Asked">From when on it was wanted.</param>
/// <param name="From">From when on requests and events count: the hour, or the day, that holds the moment asked for. Uptime counts from that one's day on.</param>
/// <param name="To">When the report was made.</param>
/// <param name="Per">Of what requests are added up: <c>hour</c> or <c>day</c>.</param>
/// <param name="Notes">What is missing in it, and since when what is there was recorded.</param>
internal sealed record ReportPeriod(DateTimeOffset Asked, DateTimeOffset From, DateTimeOffset To, string Per, IReadOnlyList<string> Notes);

/// <param name="Target">From 0 to 1: what the whole, and each provider, is held to.</param>
/// <param name="Of">The whole first, as <c>helix</c>, then each provider that was to run.</param>
internal sealed record ReportUptime(double Target, IReadOnlyList<ReportUp> Of);

/// <param name="Share">From 0 to 1; null where nothing was to run.</param>
internal sealed record ReportUp(string Id, double? Share, double UpSeconds, double DownSeconds, IReadOnlyList<ReportDay> Days);

/// <param name="Day">Of UTC.</param>
internal sealed record ReportDay(DateOnly Day, double? Share);

/// <param name="Recoveries">How often an engine that had failed served again.</param>
/// <param name="MeanSeconds">From a fault until then; null where there was none.</param>
/// <param name="GivenUp">How often nothing helped for now.</param>
/// <param name="Events">What else was seen and done about faults, by its stable word.</param>
internal sealed record ReportHealing(int Recoveries, double? MeanSeconds, double? LongestSeconds, int GivenUp, IReadOnlyList<ReportHealed> Providers, IReadOnlyList<ReportCount> Events);

internal sealed record ReportHealed(string Provider, int Recoveries, double? LongestSeconds);

internal sealed record ReportCount(string What, int Times);

/// <param name="Switched">How often a newer release was taken into use.</param>
/// <param name="RolledBack">How often it went back.</param>
/// <param name="Failed">How often one was refused, or could not be brought.</param>
/// <param name="Events">The newest of those, the oldest of them first.</param>
internal sealed record ReportUpdates(int Switched, int RolledBack, int Failed, IReadOnlyList<ReportUpdate> Events);

internal sealed record ReportUpdate(DateTimeOffset At, string What, string Words);

/// <summary>Requests to models. What helix asks by itself is no part of it, but for <paramref name="OwnRequests"/>.</summary>
/// <param name="FromMemory">Of all, answered without any engine.</param>
/// <param name="Estimated">Requests whose tokens were counted from lengths, since their engine told none.</param>
/// <param name="Keys">The ten that took most tokens, then all others as one.</param>
internal sealed record ReportUsage(
    ReportPart All, long FromMemory, long CachedTokens, long Estimated, long OwnRequests, IReadOnlyList<ReportPart> Keys, IReadOnlyList<ReportPart> Models, IReadOnlyList<ReportPart> Providers, IReadOnlyList<ReportPoint> Points);

/// <param name="Name">Empty for none: no key, sent to no provider.</param>
/// <param name="Others">Of how many more this is the sum; 0 where it is one.</param>
/// <param name="Streams">Those whose first token was seen, without answers from memory.</param>
/// <param name="FirstTokenMs">On average, of those.</param>
/// <param name="TokensPerSecond">Of answers that engines wrote to their end, from request to end.</param>
/// <param name="CostUsd">That clouds took.</param>
internal sealed record ReportPart(
    string Name, int Others, long Requests, long Failed, long Refused, long Left, long PromptTokens, long AnswerTokens, long Streams, double? FirstTokenMs, double? TokensPerSecond, decimal CostUsd)
{
    [JsonIgnore]
    public long Tokens => PromptTokens + AnswerTokens;
}

/// <param name="At">When the stretch begins.</param>
internal sealed record ReportPoint(DateTimeOffset At, long Requests, long Failed, long PromptTokens, long AnswerTokens);

/// <summary>What the tokens that were answered here would have cost elsewhere.</summary>
/// <param name="PricesObserved">The day on which the clouds' own pages said so, as <c>2026-01-31</c>.</param>
/// <param name="OwnPrices">What <c>cloud.prices</c> says in their place.</param>
/// <param name="CachedTokens">Of the prompts; they count at the price for what a cloud had kept.</param>
/// <param name="LeftOutTokens">Of models that wrote nothing, as for embeddings and rankings do: prices of chats say nothing of them.</param>
/// <param name="Against">The cheapest first; empty where nothing was answered, or no price is known.</param>
/// <param name="CloudsTookUsd">What was paid to clouds all the same.</param>
internal sealed record ReportSavings(
    string PricesObserved, IReadOnlyList<string> OwnPrices, long PromptTokens, long AnswerTokens, long CachedTokens, long LeftOutTokens, IReadOnlyList<ReportPrice> Against, decimal CloudsTookUsd);

/// <param name="Which">Why it stands here: <c>lowest</c>, <c>middle</c>, <c>highest</c> of all whose price is known, or <c>asked</c>.</param>
/// <param name="Model">As <c>CLOUD/MODEL</c>.</param>
/// <param name="InUsd">For a million tokens.</param>
/// <param name="OutUsd">For a million tokens.</param>
/// <param name="CostUsd">What those tokens would have cost there.</param>
internal sealed record ReportPrice(string Which, string Model, decimal InUsd, decimal OutUsd, decimal CostUsd);

/// <param name="Id">A stable word.</param>
/// <param name="Words">What to do.</param>
/// <param name="Why">The figures that it rests on.</param>
/// <param name="Command">With which to begin.</param>
internal sealed record ReportAdvice(string Id, string Words, string Why, string Command);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PeriodReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
