namespace Helix.Core.Gateway;

/// <summary>Requests of one minute, whoever asked and whoever answered.</summary>
internal readonly record struct UsageTotal(long Requests, long Failed, long Refused, long Left, TokenUsage Tokens)
{
    public static UsageTotal Of(RequestOutcome outcome, UsageSum sum) => new(
        sum.Requests, outcome == RequestOutcome.Failed ? sum.Requests : 0, outcome == RequestOutcome.Refused ? sum.Requests : 0, outcome == RequestOutcome.Left ? sum.Requests : 0, sum.Tokens);

    public static UsageTotal operator +(UsageTotal a, UsageTotal b) => new(
        a.Requests + b.Requests, a.Failed + b.Failed, a.Refused + b.Refused, a.Left + b.Left,
        new(a.Tokens.Prompt + b.Tokens.Prompt, a.Tokens.Answer + b.Tokens.Answer, a.Tokens.Cached + b.Tokens.Cached));

    public static UsageTotal operator -(UsageTotal a, UsageTotal b) => new(
        a.Requests - b.Requests, a.Failed - b.Failed, a.Refused - b.Refused, a.Left - b.Left,
        new(a.Tokens.Prompt - b.Tokens.Prompt, a.Tokens.Answer - b.Tokens.Answer, a.Tokens.Cached - b.Tokens.Cached));
}
