using System.Collections.Immutable;

namespace Helix.Core.Tuning;

/// <summary>How long one request and its answer were, and among how many it was computed. No text of it is kept.</summary>
/// <param name="PromptTokens">About: a fourth of the bytes that were sent.</param>
/// <param name="AnswerTokens">About: the pieces of a stream, or a fourth of the bytes that came.</param>
/// <param name="Concurrent">Requests that were under way when it began, itself included.</param>
internal readonly record struct RequestShape(int PromptTokens, int AnswerTokens, int Concurrent)
{
    /// <summary>As a rule of thumb, for English words in the usual vocabularies.</summary>
    public const int BytesPerToken = 4;
}

/// <summary>A few requests that stand for many: what an engine is asked when two ways to run it are compared.</summary>
/// <param name="Concurrent">Requests that are under way at a time.</param>
internal sealed record RequestMix(ImmutableArray<RequestShape> Shapes, int Concurrent)
{
    /// <summary>Below that it is chance.</summary>
    public const int FewestSeen = 5;

    private const int Picked = 6;

    // a round is to take seconds, not minutes
    private const int LongestPrompt = 1024;
    private const int LongestAnswer = 48;
    private const int ShortestAnswer = 8;

    /// <returns>Null where too little was seen.</returns>
    public static RequestMix? Of(IReadOnlyCollection<RequestShape> seen)
    {
        if (seen.Count < FewestSeen) return null;
        var byLength = seen.OrderBy(shape => shape.PromptTokens).ThenBy(shape => shape.AnswerTokens).ToArray();
        var concurrent = seen.Select(shape => shape.Concurrent).Order().ElementAt((seen.Count - 1) * 9 / 10);
        // the middle of each of the equal parts
        var shapes = Enumerable.Range(0, Picked).Select(part => byLength[(2 * part + 1) * byLength.Length / (2 * Picked)])
            .Select(shape => shape with { PromptTokens = Math.Clamp(shape.PromptTokens, 1, LongestPrompt), AnswerTokens = Math.Clamp(shape.AnswerTokens, ShortestAnswer, LongestAnswer) });
        return new([.. shapes], Math.Max(1, concurrent));
    }

    /// <summary>What fits into a context.</summary>
    public RequestMix Within(int contextTokens) => this with
    {
        Shapes = [.. Shapes.Select(shape => shape with { PromptTokens = Math.Max(1, Math.Min(shape.PromptTokens, contextTokens / 2)), AnswerTokens = Math.Max(1, Math.Min(shape.AnswerTokens, contextTokens / 4)) })],
    };

    /// <summary>Asked together, at most so many at a time; each shape as often as it takes to have all of them under way.</summary>
    public IEnumerable<RequestShape> Round() => Enumerable.Range(0, Math.Max(Shapes.Length, 2 * Concurrent)).Select(number => Shapes[number % Shapes.Length]);
}
