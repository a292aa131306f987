using Helix.Core.Clouds;

namespace Helix.Core.Gateway;

/// <summary>How a request ended.</summary>
internal enum RequestOutcome
{
    Answered,

    /// <summary>With a status of 400 to 499.</summary>
    Refused,

    /// <summary>With a status of 500 or above, or with an error in the middle of a stream.</summary>
    Failed,

    /// <summary>The client went before its end.</summary>
    Left,
}

/// <summary>One request as it is accounted for. No text of it is kept.</summary>
/// <param name="Key">Name of the key that it came with; empty for none.</param>
/// <param name="Provider">Empty where it was sent to none.</param>
/// <param name="Model">That answered, or else the name that was asked for, as far as there is such a model; empty for neither.</param>
/// <param name="IsEstimated">The engine told no usage: lengths were counted instead.</param>
/// <param name="FirstToken">From the request to the first piece of a stream; null for anything else.</param>
/// <param name="Cost">That clouds took for it.</param>
internal readonly record struct RequestRecord(
    DateTimeOffset At, string Key, string Provider, string Model, RequestOutcome Outcome, TokenUsage Usage, bool IsEstimated, TimeSpan? FirstToken, TimeSpan Took, int Tries, Money Cost = default)
{
    /// <summary>The machine on which its provider is, as its client was told it in <c>x-helix-node</c>: of a cloud, its host. Empty where it was sent to none.</summary>
    public string Node { get; init; } = "";

    /// <summary>What was asked for, as OpenTelemetry's conventions call it.</summary>
    public required string Operation { get; init; }

    public required ClientDialect Dialect { get; init; }

    /// <summary>The choice of the model was left to helix.</summary>
    public bool IsAuto { get; init; }

    /// <summary>Of HTTP, as the client was told it; of a stream, the one that it began with.</summary>
    public int Status { get; init; }

    /// <summary>For a place before the engines of its model.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>What memory had to do with its answer.</summary>
    public MemoryUse Memory { get; init; }

    /// <summary>The span of its client that it belongs to, as W3C writes it; null for none.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Under which name the model was asked for, as far as there is such a model; empty where there is not.</summary>
    public string AskedModel => IsAuto ? Routing.Auto : Model;

    /// <summary>The model that it was sent to; empty where to none.</summary>
    public string SentTo => Provider.Length > 0 ? Model : "";

    /// <summary>For each token after the first; null where it was no stream of two tokens or more that came to its end.</summary>
    public TimeSpan? PerToken => Outcome == RequestOutcome.Answered && FirstToken is { } first && Usage.Answer > 1 ? (Took - first) / (Usage.Answer - 1) : null;
}

/// <summary>Whose requests are added up.</summary>
/// <param name="Minute">Since 1970.</param>
/// <param name="Node">As in a <see cref="RequestRecord"/>; null where nobody knows, since an earlier helix wrote it down, which did not note it.</param>
internal readonly record struct UsageKey(long Minute, string Key, string Provider, string Model, RequestOutcome Outcome, string? Node);

/// <summary>Requests added up.</summary>
/// <param name="Estimated">Requests whose tokens were counted here and not told by the engine.</param>
/// <param name="FirstTokens">Streams whose first token was seen.</param>
/// <param name="FirstTokenTime">Of all of those together.</param>
/// <param name="Took">All together.</param>
/// <param name="Tries">All together.</param>
/// <param name="Cost">All together.</param>
internal readonly record struct UsageSum(long Requests, TokenUsage Tokens, long Estimated, long FirstTokens, TimeSpan FirstTokenTime, TimeSpan Took, long Tries, Money Cost)
{
    public static UsageSum Of(in RequestRecord one) => new(
        1, one.Usage, one.IsEstimated ? 1 : 0, one.FirstToken is null ? 0 : 1, one.FirstToken ?? TimeSpan.Zero, one.Took, one.Tries, one.Cost);

    public static UsageSum operator +(in UsageSum a, in UsageSum b) => new(
        a.Requests + b.Requests, new(a.Tokens.Prompt + b.Tokens.Prompt, a.Tokens.Answer + b.Tokens.Answer, a.Tokens.Cached + b.Tokens.Cached),
        a.Estimated + b.Estimated, a.FirstTokens + b.FirstTokens, a.FirstTokenTime + b.FirstTokenTime, a.Took + b.Took, a.Tries + b.Tries, a.Cost + b.Cost);
}
