using System.Text.Json.Serialization;

namespace Helix.Contracts;

/// <summary>Answer of <c>GET /helix/v1/usage</c>.</summary>
/// <param name="Per"><c>minute</c>, <c>hour</c> or <c>day</c>.</param>
/// <param name="Cache">Of all that time together; null where an older daemon answers.</param>
/// <param name="Shadows">Since the daemon began, whatever time is asked for; null where an older daemon answers.</param>
internal sealed record UsageList(string Per, DateTimeOffset Since, IReadOnlyList<UsageReport> Rows, UsageCache? Cache = null, IReadOnlyList<ShadowReport>? Shadows = null);

/// <summary>What was answered from memory. What helix asks by itself is no part of it.</summary>
/// <param name="Answered">Requests that were answered to their end, by whatever.</param>
/// <param name="Exact">Of those, the ones that got what was answered, or was being answered, to the same.</param>
/// <param name="Semantic">Those that got what was answered to other words which mean the same.</param>
/// <param name="SavedPromptTokens">That no engine had to read for it.</param>
/// <param name="SavedAnswerTokens">That no engine had to write for it.</param>
internal sealed record UsageCache(long Answered, long Exact, long Semantic, long SavedPromptTokens, long SavedAnswerTokens);

/// <summary>Requests added up over a stretch of time. What was not asked to be told apart is null.</summary>
/// <param name="At">When the stretch begins.</param>
/// <param name="Key">Name of the key that they came with; empty for none.</param>
/// <param name="Provider">Empty where they were sent to none.</param>
/// <param name="Failed">Of the requests, those that ended with a status of 500 or above, or in the middle of a stream.</param>
/// <param name="Refused">Those with a status of 400 to 499.</param>
/// <param name="Left">Those whose client went before their end.</param>
/// <param name="Estimated">Requests whose tokens were counted here and not told by the engine.</param>
/// <param name="FirstTokenMs">On average, of streams.</param>
/// <param name="TokensPerSecond">Of answers, from request to end.</param>
/// <param name="Tries">On average, of those that were sent to a backend.</param>
/// <param name="CostUsd">That clouds took.</param>
/// <param name="Node">The machine that had them last, as <c>x-helix-node</c> says it; empty where they were sent to none, <see cref="UnknownNode"/> where nobody knows.</param>
internal sealed record UsageReport(
    DateTimeOffset At, string? Key, string? Provider, string? Model, long Requests, long Failed, long Refused, long Left,
    long PromptTokens, long AnswerTokens, long CachedTokens, long Estimated, double? FirstTokenMs, double? TokensPerSecond, double? Tries, decimal CostUsd = 0, string? Node = null)
{
    /// <summary>Of what an earlier helix wrote down, which did not note it. No machine is called so.</summary>
    public const string UnknownNode = "?";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(UsageList))]
internal sealed partial class UsageJson : JsonSerializerContext;
