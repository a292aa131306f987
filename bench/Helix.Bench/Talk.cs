using Helix.Bench.Models;

namespace Helix.Bench;

/// <summary>A conversation of several turns that begins as some others do.</summary>
/// <param name="Beginning">What the system says in it.</param>
/// <param name="Turns">What is asked, and for how long the user thinks before that, as a multiple of the usual.</param>
internal sealed record Talk(string Beginning, IReadOnlyList<(string Question, double Thought)> Turns)
{
    private const int FewestTurns = 6, MostTurns = 8;
    private const int ShortestBeginning = 600, LongestBeginning = 1100;
    private const int ShortestQuestion = 16, LongestQuestion = 48;

    /// <summary>The same conversations each time.</summary>
    /// <param name="beginnings">That they share in turn, from 600 to 1100 tokens long.</param>
    public static Talk[] Some(int count, int beginnings, int seed)
    {
        var random = new Random(seed);
        string[] shared = [.. Enumerable.Range(0, beginnings).Select(number => Words.Prompt(ShortestBeginning + ((LongestBeginning - ShortestBeginning) * number / (beginnings - 1)), random.Next()))];
        return [.. Enumerable.Range(0, count).Select(number => new Talk(shared[number % beginnings], Questions(random)))];
    }

    private static (string Question, double Thought)[] Questions(Random random) =>
        [.. Enumerable.Range(0, random.Next(FewestTurns, MostTurns + 1)).Select(_ => (Words.Prompt(random.Next(ShortestQuestion, LongestQuestion + 1), random.Next()), 0.5 + random.NextDouble()))];
}
