using System.Text;
using Helix.Core.Tuning;
using Helix.Core.Updates;
using Helix.Updates;

namespace Helix.Tuning;

/// <summary>What one round of requests took.</summary>
/// <param name="Error">Why it cannot be counted; null where it can.</param>
/// <param name="Seconds">Until the last answer had come.</param>
internal sealed record MixRound(string? Error, double Seconds, IReadOnlyList<Measurement> Answers);

/// <summary>Asks an engine what a mix of requests asks, in words of helix's own.</summary>
internal sealed class MixMeter(EngineMeter meter, TimeProvider time)
{
    private static readonly string[] s_words = ["time", "river", "stone", "under", "green", "seven", "light", "often", "table", "north", "music", "paper", "early", "glass", "quiet", "field"];

    private int _asked;

    public async Task<MixRound> RoundAsync(MeterTarget target, RequestMix mix, CancellationToken cancellationToken)
    {
        var questions = mix.Round().Select(QuestionOf).ToArray();
        var begun = time.GetTimestamp();
        var answers = await meter.MeasureAsync(target, questions, mix.Concurrent, cancellationToken);
        return new(answers.FirstOrDefault(answer => answer.Error is not null)?.Error, time.GetElapsedTime(begun).TotalSeconds, answers);
    }

    /// <summary>As long as the shape says, and never begun like one before: an engine remembers beginnings.</summary>
    private Question QuestionOf(RequestShape shape)
    {
        var number = Interlocked.Increment(ref _asked);
        var text = new StringBuilder().Append(number).Append(" Go on with these words:");
        // a word and its space are a token, or a little more
        for (var word = 6; word < shape.PromptTokens; word++) text.Append(' ').Append(s_words[(word * 7 + number) % s_words.Length]);
        return new(text.ToString(), shape.AnswerTokens);
    }
}
