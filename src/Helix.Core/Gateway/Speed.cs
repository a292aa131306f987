namespace Helix.Core.Gateway;

/// <summary>What one answer showed.</summary>
/// <param name="PromptTokens">That had to be read before its first token: of its own prompt without what was kept, and of prompts in front of it.</param>
/// <param name="Crowd">Requests that were answered together, itself included.</param>
/// <param name="FirstToken">Seconds; null where the answer came whole, or the request had to wait for a place.</param>
/// <param name="Total">Seconds from the first token on; where there is none, from the beginning.</param>
internal readonly record struct AnswerSeen(double PromptTokens, double Crowd, double? FirstToken, double AnswerTokens, double Total)
{
    /// <summary>Of those its own, which had to be read in any case.</summary>
    public double LeastTokens { get; init; } = PromptTokens;

    /// <summary>With prompts that came while it waited: an engine may read a little of each in turn.</summary>
    public double MostTokens { get; init; } = PromptTokens;
}

/// <summary>
/// What engines of a model became faster by, as factors on their times: what made them so, the end of a crowd for one, is likely to have done the same for one that nobody
/// asked meanwhile. That they became slower takes that back, and is not passed on beyond it: whoever is not asked would never show that it did not.
/// </summary>
internal readonly record struct SpeedGain(double PerPromptToken, double PerToken)
{
    /// <summary>More is not hoped for, whatever several of them gained.</summary>
    private const double Least = 0.4;

    /// <summary>A gain that is no more than this changes little of what is late.</summary>
    private const double Large = 0.8;

    /// <summary>Answers until which an engine gets to know itself: that is no news for others.</summary>
    private const int Few = 4;

    public static SpeedGain None { get; } = new(1, 1);

    public bool IsLarge => PerPromptToken < Large || PerToken < Large;

    public SpeedGain After(Speed before, Speed after) => before.Seen <= Few ? this
        : new(Moved(PerPromptToken, before.PerPromptToken, after.PerPromptToken), Moved(PerToken, before.PerToken, after.PerToken));

    private static double Moved(double gain, double before, double after) => before > 0 ? Math.Clamp(gain * after / before, Least, 1 / Least) : gain;
}

/// <summary>How long a request would take, in seconds.</summary>
internal readonly record struct TimeGuess(double FirstToken, double Answer)
{
    public double Total => FirstToken + Answer;
}

/// <summary>
/// How fast a backend is with its model, learned from each answer as it ends: a share of what the guess was off by is taken over, a larger one where
/// the answer before was off by as much to the same side. Knows nothing of what the backend is.
/// </summary>
/// <param name="Seen">Answers.</param>
/// <param name="PerPromptToken">Seconds.</param>
/// <param name="PerToken">Seconds, answering alone.</param>
/// <param name="Crowding">What each further answer adds to that, from 0 (none) to 1 (as much again).</param>
/// <param name="Error">What guesses were off by of late, as the mean of |ln(seen ÷ guessed)|.</param>
/// <param name="Drift">The latest ln(seen ÷ guessed).</param>
internal readonly record struct Speed(int Seen, double PerPromptToken, double PerToken, double Crowding, double Error, double Drift)
{
    /// <summary>However short it is, a request takes as long as so many tokens of a prompt.</summary>
    private const double Overhead = 16;

    /// <summary>Until more is known, reading a token takes this part of writing one.</summary>
    private const double ReadingShare = 0.1;

    private const double UsualCrowding = 0.4;
    private const double Step = 0.25;

    /// <summary>Answers before which nobody says what is late.</summary>
    private const int EnoughToBeLate = 10;

    /// <summary>Of a normal distribution, the 95th percentile in mean absolute deviations.</summary>
    private const double OneInTwenty = 2.06;

    private const double SoonestLate = 0.05;
    private const double LatestLate = 600;
    private const double LargeStep = 0.8;

    /// <summary>Off by a third.</summary>
    private static readonly double s_jump = Math.Log(4.0 / 3);

    /// <param name="promptTokens">That have to be read before the first token.</param>
    /// <param name="crowd">Requests that would be answered together, this one included.</param>
    public TimeGuess Guess(double promptTokens, double answerTokens, double crowd) =>
        new(PerPromptToken * (promptTokens + Overhead), answerTokens * PerToken * (1 + Crowding * Math.Max(0, crowd - 1)));

    /// <summary>Nineteen of twenty answers have begun by then, if what guesses are off by is spread as errors of measurement are; null where too little was seen.</summary>
    /// <param name="isStream">Any other answer begins when it ends.</param>
    public TimeSpan? LateFor(TimeGuess guess, bool isStream)
    {
        if (Seen < EnoughToBeLate) return null;
        var seconds = (isStream ? guess.FirstToken : guess.Total) * Math.Exp(OneInTwenty * Error);
        return TimeSpan.FromSeconds(seconds > SoonestLate ? Math.Min(seconds, LatestLate) : SoonestLate);
    }

    public Speed After(AnswerSeen answer)
    {
        var tokens = Math.Max(1, answer.AnswerTokens);
        if (Seen == 0) return First(answer, tokens);
        var guess = Guess(answer.PromptTokens, tokens, answer.Crowd);
        // whose prompts were read meanwhile, and how much of them, nobody tells: what fits to any of it is no news
        if (answer.FirstToken is { } waited) guess = guess with { FirstToken = Math.Clamp(waited, Guess(answer.LeastTokens, 0, 1).FirstToken, Guess(answer.MostTokens, 0, 1).FirstToken) };
        var (seen, guessed) = answer.FirstToken is { } first ? (first + answer.Total, guess.Total) : (answer.Total, guess.Total);
        var off = Off(seen, guessed);
        var step = Math.Abs(off) > s_jump && Math.Abs(Drift) > s_jump && Math.Sign(off) == Math.Sign(Drift) ? LargeStep : Step;
        var learned = answer.FirstToken is { } own
            ? this with { PerPromptToken = Moved(PerPromptToken, By(Off(own, guess.FirstToken), step)), PerToken = answer.AnswerTokens > 1 ? Moved(PerToken, By(Off(answer.Total, guess.Answer), step)) : PerToken }
            : Moved(By(off, step));
        return learned with { Seen = Seen + 1, Error = Error + Step * (Math.Abs(off) - Error), Drift = off, Crowding = CrowdingAfter(answer, tokens) };
    }

    /// <summary>Nobody says what is late while much is hoped.</summary>
    public Speed With(SpeedGain gain) => gain == SpeedGain.None ? this : this with
    {
        PerPromptToken = Moved(PerPromptToken, Math.Min(1, gain.PerPromptToken)),
        PerToken = Moved(PerToken, Math.Min(1, gain.PerToken)),
        Seen = gain.IsLarge ? Math.Min(Seen, EnoughToBeLate - 1) : Seen,
    };

    /// <summary>Of this and what was hoped, whichever was nearer to what came: each part by itself, where the answer shows it.</summary>
    public Speed Nearer(Speed hoped, AnswerSeen answer)
    {
        var (seen, other) = (Guess(answer.PromptTokens, answer.AnswerTokens, answer.Crowd), hoped.Guess(answer.PromptTokens, answer.AnswerTokens, answer.Crowd));
        var (reads, writes) = answer.FirstToken is { } first
            ? (IsNearer(first, other.FirstToken, seen.FirstToken), IsNearer(answer.Total, other.Answer, seen.Answer))
            : (IsNearer(answer.Total, other.Total, seen.Total), IsNearer(answer.Total, other.Total, seen.Total));
        return this with { PerPromptToken = reads ? hoped.PerPromptToken : PerPromptToken, PerToken = writes ? hoped.PerToken : PerToken };

        static bool IsNearer(double came, double hoped, double seen) => Math.Abs(Off(came, hoped)) < Math.Abs(Off(came, seen));
    }

    private static Speed First(AnswerSeen answer, double tokens)
    {
        var crowding = 1 + UsualCrowding * Math.Max(0, answer.Crowd - 1);
        var perToken = answer.FirstToken is null
            ? answer.Total / (tokens * crowding + (answer.PromptTokens + Overhead) * ReadingShare)
            : answer.Total / (tokens * crowding);
        // one token shows nothing of how fast further ones come
        if (answer.FirstToken is not null && answer.AnswerTokens <= 1) perToken = answer.FirstToken.Value / (answer.PromptTokens + Overhead) / ReadingShare;
        return new(1, answer.FirstToken is { } first ? first / (answer.PromptTokens + Overhead) : perToken * ReadingShare, perToken, UsualCrowding, 0, 0);
    }

    /// <summary>Only an answer in company tells; it is not trusted far, since the speed may have changed instead.</summary>
    private double CrowdingAfter(AnswerSeen answer, double tokens)
    {
        if (answer.Crowd < 1.5 || answer.FirstToken is null || answer.AnswerTokens <= 1 || PerToken <= 0) return Crowding;
        var seen = (answer.Total / tokens / PerToken - 1) / (answer.Crowd - 1);
        return Crowding + Step / 2 * (Math.Clamp(seen, 0, 1) - Crowding);
    }

    private static double Off(double seen, double guessed) => Math.Clamp(Math.Log(Math.Max(seen, 1e-6) / Math.Max(guessed, 1e-6)), -4, 4);

    private Speed Moved(double by) => this with { PerPromptToken = Moved(PerPromptToken, by), PerToken = Moved(PerToken, by) };

    private static double By(double off, double step) => Math.Exp(step * off);

    private static double Moved(double value, double by) => Math.Max(1e-9, value) * by;
}
