namespace Helix.Core.Gateway;

/// <summary>What is known of the requests for one model, whoever answers them.</summary>
/// <param name="Answers">That were seen to their end.</param>
/// <param name="AnswerTokens">That an answer usually has.</param>
/// <param name="Curiosity">Seconds that were saved up to look at backends that are not the best.</param>
internal readonly record struct ModelPace(long Answers, double AnswerTokens, double Curiosity)
{
    /// <summary>The part of all time that may go into finding out.</summary>
    public const double CuriosityShare = 0.03;

    /// <summary>Whatever a look may cost, no more than so many times the best is saved for it: what was slow once is not slow for ever.</summary>
    public const double MostSaved = 10;

    private const double Weight = 0.1;

    public static ModelPace Start { get; } = new(0, 128, 0);

    public ModelPace Sent(BackendTaken taken) => taken.Best == 0 ? this
        : this with { Curiosity = Math.Min(Curiosity + CuriosityShare * taken.Best, MostSaved * taken.Best) - taken.Loss };

    public ModelPace Answered(int tokens) => this with { Answers = Answers + 1, AnswerTokens = AnswerTokens + Math.Max(Weight, 1.0 / (Answers + 1)) * (tokens - AnswerTokens) };
}
