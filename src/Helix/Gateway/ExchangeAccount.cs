using Helix.Core.Clouds;
using Helix.Core.Gateway;
using Helix.Core.Gateway.Dialects;
using Helix.Core.Tuning;
using Helix.Telemetry;

namespace Helix.Gateway;

/// <summary>What it took, and what is kept of it.</summary>
internal sealed partial class Exchange
{
    /// <summary>Of shorter answers nobody can say how fast they came.</summary>
    private const long EnoughTokens = 10;

    private TokenUsage? _told;
    private PaidAnswer? _paid;
    private UsageTail? _tail;
    private CloudAsk? _ask;
    private MessagesAnswer? _words;

    /// <summary>The answer is no stream: there are no events in it.</summary>
    private bool _isWhole;

    /// <summary>Of the engine that answers; null where none does.</summary>
    private InstanceTraffic? _traffic;

    /// <summary>Of the streams of its model there; null where no engine answers.</summary>
    private StreamPace? _pace;
    private long _pieceAt;

    /// <summary>For so long it waited for a place.</summary>
    public TimeSpan Waited { get; set; }

    /// <summary>What was done for it, in the unit of a <see cref="Place"/>.</summary>
    public double Work => Tries == 0 ? 0 : route.Kind == RouteKind.Media ? Place?.Cost ?? 0 : Admission.CostOf(PromptTokens, Answering ? Usage.Answer : 0);

    /// <summary>What the engine told of the answer that it gives now; null where it told nothing yet.</summary>
    public TokenUsage? Told => _told;

    /// <summary>That clouds took for it.</summary>
    public Money Cost { get; private set; }

    private long AnswerBytes { get; set; }

    private long AnswerEvents { get; set; }

    /// <summary>As the engine told; else counted, about. Nobody counts pictures and sounds in tokens who does not make them.</summary>
    private TokenUsage Usage => _told ?? route.Kind switch
    {
        RouteKind.Media => default(TokenUsage),
        RouteKind.Reading => new TokenUsage(PromptTokens, 0, 0),
        _ => new TokenUsage(PromptTokens, IsStream ? AnswerEvents : AnswerBytes / RequestShape.BytesPerToken, 0),
    };

    private bool IsEstimated => Answering && (_told is null || _joined is { IsCounted: true }) && route.Kind != RouteKind.Media;

    /// <summary>How long what was asked and answered is; no text of it.</summary>
    /// <param name="concurrent">Requests that were under way when it began.</param>
    public RequestShape ShapeAmong(int concurrent) => new(
        PromptTokens, (int)Math.Min(int.MaxValue, Usage.Answer), concurrent);

    /// <summary>A cloud answers now, in the client's own words.</summary>
    private bool IsPassed => _ask is { IsPassed: true };

    /// <summary>It goes to a cloud now; what somebody else told before does not count there.</summary>
    public void BeginPaying(CloudAsk ask)
    {
        (_ask, _words, _told) = (ask, null, null);
        _paid = new(ask.AsksUsage && !IsTranslated);
    }

    /// <param name="words">Hears what the cloud tells in its own words; null where it speaks OpenAI's.</param>
    public void Hear(MessagesAnswer? words) => _words = words;

    public void EndPaying(Money cost) => (_paid, _ask, _words, Cost) = (null, null, null, Cost + cost);

    /// <summary>What is said of it in this piece of an answer.</summary>
    private TokenUsage? UsageIn(ReadOnlySpan<byte> piece) => _tail is { } tail ? tail.In(piece) : route.IsUsual && TokenUsage.In(piece) is { IsMadeUp: false } told ? told : null;

    /// <summary>Long answers are told in pieces that end anywhere. A picture or a sound itself says nothing of it.</summary>
    private UsageTail? TailOf(UpstreamHead head) => !route.IsUsual && (head.IsJson || head.IsEventStream) ? new(route.Kind == RouteKind.Reading) : null;

    /// <summary>Nobody waits for what is asked for a comparison.</summary>
    private InstanceTraffic? Watched => OwnRequest.IsKey(key) ? null : _traffic;

    /// <summary>A piece of the answer goes out to its client.</summary>
    /// <param name="events">Of a stream, that are in it.</param>
    /// <param name="now">The timestamp of this moment.</param>
    private void NotePiece(int events, long now)
    {
        if (!Answering) _first = time.GetElapsedTime(_began, now);
        if (facts.Stream && Watched is { } traffic)
        {
            if (Answering) _pace?.Pauses.Add(time.GetElapsedTime(_pieceAt, now), now);
            else _pace?.FirstTokens.Add(time.GetElapsedTime(_began, now), now);
            traffic.NoteTokens(events);
        }

        (_pieceAt, Answering) = (now, true);
    }

    /// <summary>What is kept of it.</summary>
    public RequestRecord Account()
    {
        var took = time.GetElapsedTime(_began);
        if (Answering && !facts.Stream) Watched?.NoteTokens(Usage.Answer);
        var outcome = Failed ? context.Response.StatusCode is >= 400 and < 500 ? RequestOutcome.Refused : RequestOutcome.Failed
            : IsComplete ? RequestOutcome.Answered
            : ClientLeft.IsCancellationRequested ? RequestOutcome.Left
            : RequestOutcome.Failed;
        var record = new RequestRecord(time.GetUtcNow() - took, key, Provider ?? "", Model ?? "", outcome, Answering ? Usage : default, IsEstimated, IsStream ? _first : null, took, Tries, Cost)
        {
            Node = Node ?? "",
            Operation = dialect.Operation ?? route.Operation,
            Dialect = dialect.Kind,
            IsAuto = facts.Model != Model && Routing.IsAuto(facts.Model),
            Status = context.Response.StatusCode,
            Waited = Waited,
            Memory = Memory,
            TraceParent = context.Request.Headers.TraceParent,
        };
        if (Watched is not null && record is { Usage.Answer: >= EnoughTokens, PerToken: { } each }) _pace?.PerTokens.Add(each);
        return record;
    }
}
