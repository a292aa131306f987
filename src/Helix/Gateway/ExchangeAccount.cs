using Helix.Core.Clouds;
using Helix.Core.Gateway;
using Helix.Core.Tuning;

namespace Helix.Gateway;

/// <summary>What it took, and what is kept of it.</summary>
internal sealed partial class Exchange
{
    private TokenUsage? _told;
    private PaidAnswer? _paid;

    /// <summary>For so long it waited for a place.</summary>
    public TimeSpan Waited { get; set; }

    /// <summary>What was done for it, in the unit of a <see cref="Place"/>.</summary>
    public double Work => Tries > 0 ? Admission.CostOf(PromptTokens, Answering ? Usage.Answer : 0) : 0;

    /// <summary>What the engine told of the answer that it gives now; null where it told nothing yet.</summary>
    public TokenUsage? Told => _told;

    /// <summary>That clouds took for it.</summary>
    public Money Cost { get; private set; }

    private long AnswerBytes { get; set; }

    private long AnswerEvents { get; set; }

    /// <summary>As the engine told; else counted, about.</summary>
    private TokenUsage Usage => _told ?? new(PromptTokens, route == InferenceRoute.Embeddings ? 0 : IsStream ? AnswerEvents : AnswerBytes / RequestShape.BytesPerToken, 0);

    /// <summary>How long what was asked and answered is; no text of it.</summary>
    /// <param name="concurrent">Requests that were under way when it began.</param>
    public RequestShape ShapeAmong(int concurrent) => new(
        PromptTokens, (int)Math.Min(int.MaxValue, Usage.Answer), concurrent);

    /// <summary>It goes to a cloud now; what somebody else told before does not count there.</summary>
    /// <param name="hidesUsage">The client did not ask for what is asked of the cloud: what its stream took.</param>
    public void BeginPaying(bool hidesUsage) => (_paid, _told) = (new(hidesUsage && !IsTranslated), null);

    public void EndPaying(Money cost) => (_paid, Cost) = (null, Cost + cost);

    /// <summary>What is kept of it.</summary>
    public RequestRecord Account()
    {
        var took = time.GetElapsedTime(_began);
        var outcome = Failed ? context.Response.StatusCode is >= 400 and < 500 ? RequestOutcome.Refused : RequestOutcome.Failed
            : IsComplete ? RequestOutcome.Answered
            : ClientLeft.IsCancellationRequested ? RequestOutcome.Left
            : RequestOutcome.Failed;
        return new(time.GetUtcNow() - took, key, Provider ?? "", Model ?? "", outcome, Answering ? Usage : default, Answering && _told is null, IsStream ? _first : null, took, Tries, Cost)
        {
            Operation = dialect.Operation ?? route.Operation,
            Dialect = dialect.Kind,
            IsAuto = facts.Model != Model && Routing.IsAuto(facts.Model),
            Status = context.Response.StatusCode,
            Waited = Waited,
            TraceParent = context.Request.Headers.TraceParent,
        };
    }
}
