using System.Text.Json.Serialization;

namespace Helix.Core.Fleet;

/// <summary>Health is believed in steps, each only after the one before.</summary>
internal enum HealthStep
{
    Process,

    /// <summary>It takes connections.</summary>
    Listen,
    Endpoint,
    Identity,
    Token,
}

/// <summary>What one look at an instance found.</summary>
[JsonDerivedType(typeof(Healthy), "healthy")]
[JsonDerivedType(typeof(Busy), "busy")]
[JsonDerivedType(typeof(Loading), "loading")]
[JsonDerivedType(typeof(Unwell), "unwell")]
[JsonDerivedType(typeof(Unwatched), "unwatched")]
internal abstract record Verdict
{
    private Verdict() { }

    internal sealed record Healthy : Verdict;

    /// <summary>It works for somebody, and nothing of it shows yet: well, and to be looked at again soon.</summary>
    internal sealed record Busy : Verdict;

    /// <summary>It answers, and says that it is not done loading.</summary>
    internal sealed record Loading(string Progress) : Verdict;

    internal sealed record Unwell(HealthStep Step, string Why) : Verdict;

    /// <summary>Nobody looked: it is not wanted.</summary>
    internal sealed record Unwatched : Verdict;

    /// <summary>Puts the readings of the steps after the first together; a process that is gone is told by its exit, not by a look.</summary>
    /// <param name="tokensFlow">Tokens came out since the look before: then it is alive, whatever its endpoints say.</param>
    public static Verdict Of(EndpointReading endpoint, string? servedModel, string expectedModel, TokenReading token, bool tokensFlow) =>
        (endpoint, token) switch
        {
            (EndpointReading.Loading(var progress), _) => new Loading(progress),
            _ when tokensFlow => new Healthy(),
            // one that is overloaded has no time for questions
            (not EndpointReading.Closed, TokenReading.Working) => new Busy(),
            (EndpointReading.Closed(var why), _) => new Unwell(HealthStep.Listen, why),
            (EndpointReading.Silent(var why), _) => new Unwell(HealthStep.Endpoint, why),
            _ when servedModel != expectedModel =>
                new Unwell(HealthStep.Identity, $"it serves {servedModel ?? "no model"} instead of {expectedModel}"),
            (_, TokenReading.None(var why)) => new Unwell(HealthStep.Token, why),
            _ => new Healthy(),
        };
}

/// <summary>What the health endpoint said.</summary>
internal abstract record EndpointReading
{
    private EndpointReading() { }

    internal sealed record Ok : EndpointReading;

    internal sealed record Loading(string Progress) : EndpointReading;

    internal sealed record Silent(string Why) : EndpointReading;

    /// <summary>Nobody takes connections there.</summary>
    internal sealed record Closed(string Why) : EndpointReading;
}

/// <summary>Whether a token was produced lately.</summary>
internal abstract record TokenReading
{
    private TokenReading() { }

    internal sealed record Produced : TokenReading;

    /// <summary>None that shows, but it computes.</summary>
    internal sealed record Working : TokenReading;

    internal sealed record None(string Why) : TokenReading;
}
