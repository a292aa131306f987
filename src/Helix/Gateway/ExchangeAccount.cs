using Helix.Core.Clouds;
using Helix.Core.Gateway;
using Helix.Core.Gateway.Dialects;
using Helix.Core.Tuning;
using Helix.Gateway.Lane;

namespace Helix.Gateway;

/// <summary>What it took, and what is kept of it.</summary>
internal sealed partial class Exchange
{
    /// <summary>Of shorter answers nobody can say how fast they came.</summary>
    private const long EnoughTokens = 10;

    private TokenUsage? _told;

    /// <summary>Null where the pieces of its answer simply tell what it took, and nothing was paid for it.</summary>
    private Reckoning? _reckoning;

    /// <summary>The answer is no stream: there are no events in it.</summary>
    private bool _isWhole;

    /// <summary>To whom it was sent last, or who answers where several were asked at once; null where nobody was, or memory answers.</summary>
    private Chosen? _by;

    /// <summary>The timestamp at which its last piece went out, or the answer came to its end.</summary>
    private long _lastAt;

    /// <summary>What was done for it, in the unit of a <see cref="Place"/>.</summary>
    public double Work => Tries == 0 ? 0 : route.Kind == RouteKind.Media ? Place?.Cost ?? 0 : Admission.CostOf(PromptTokens, Answering ? Usage.Answer : 0);

    /// <summary>What the engine told of the answer that it gives now; null where it told nothing yet.</summary>
    public TokenUsage? Told => _told;

    /// <summary>That clouds took for it.</summary>
    public Money Cost => _reckoning?.Cost ?? Money.Zero;

    private long AnswerBytes { get; set; }

    private int AnswerEvents { get; set; }

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
    private bool IsPassed => _reckoning is { Ask.IsPassed: true };

    /// <summary>It goes to a cloud now; what somebody else told before does not count there.</summary>
    public void BeginPaying(CloudAsk ask)
    {
        var reckoning = _reckoning ??= new();
        (reckoning.Ask, reckoning.Words, _told) = (ask, null, null);
        reckoning.Paid = new(ask.AsksUsage && !IsTranslated);
    }

    /// <param name="words">Hears what the cloud tells in its own words; null where it speaks OpenAI's.</param>
    public void Hear(MessagesAnswer? words)
    {
        if (words is not null || _reckoning is not null) (_reckoning ??= new()).Words = words;
    }

    public void EndPaying(Money cost) => _reckoning = new() { Tail = _reckoning?.Tail, Cost = Cost + cost };

    /// <summary>What is said of it in this piece of an answer.</summary>
    private TokenUsage? UsageIn(ReadOnlySpan<byte> piece)
    {
        if (_reckoning is { Words: { } words }) return words.Usage;
        if (_reckoning is { Paid: { } paid }) return paid.UsageIn(piece);
        if (_reckoning is { Tail: { } tail }) return tail.In(piece);
        return route.IsUsual && TokenUsage.In(piece) is { IsMadeUp: false } told ? told : null;
    }

    /// <summary>An answer begins, of which nothing was told yet.</summary>
    private void BeginReckoning(UpstreamHead head)
    {
        (_told, AnswerBytes, AnswerEvents, _isWhole) = (null, 0, 0, head.IsJson && !facts.Stream);
        // long answers are told in pieces that end anywhere; a picture or a sound itself says nothing of it
        var tail = !route.IsUsual && (head.IsJson || head.IsEventStream) ? new UsageTail(route.Kind == RouteKind.Reading) : null;
        if (tail is not null || _reckoning is not null) (_reckoning ??= new()).Tail = tail;
    }

    /// <summary>Nobody waits for what is asked for a comparison.</summary>
    private InstanceTraffic? Watched => OwnRequest.IsKey(key) ? null : _by?.Traffic;

    /// <summary>A piece of the answer goes out to its client.</summary>
    /// <param name="events">Of a stream, that are in it.</param>
    /// <param name="now">The timestamp of this moment.</param>
    private void NotePiece(int events, long now)
    {
        if (events > 1) LaneLoop.Current?.NoteSeveral();
        if (!Answering) _first = time.GetElapsedTime(_began, now);
        if (facts.Stream && Watched is { } traffic)
        {
            if (Answering) _by?.Pace.Pauses.Add(time.GetElapsedTime(_lastAt, now), now);
            else _by?.Pace.FirstTokens.Add(time.GetElapsedTime(_began, now), now);
            traffic.NoteTokens(events);
        }

        (_lastAt, Answering) = (now, true);
    }

    /// <summary>What is kept of it.</summary>
    /// <param name="ended">The timestamp of its end.</param>
    /// <param name="clock">Knows when that was.</param>
    public RequestRecord Account(long ended, WallClock clock)
    {
        var took = time.GetElapsedTime(_began, ended);
        if (Answering && !facts.Stream) Watched?.NoteTokens(Usage.Answer);
        var outcome = Failed ? context.Response.StatusCode is >= 400 and < 500 ? RequestOutcome.Refused : RequestOutcome.Failed
            : IsComplete ? RequestOutcome.Answered
            : ClientLeft.IsCancellationRequested ? RequestOutcome.Left
            : RequestOutcome.Failed;
        var record = new RequestRecord(clock.At(ended) - took, key, Provider ?? "", Model ?? "", outcome, Answering ? Usage : default, IsEstimated, IsStream ? First : null, took, Tries, Cost)
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
        if (Watched is not null && record is { Usage.Answer: >= EnoughTokens, PerToken: { } each }) _by?.Pace.PerTokens.Add(each, ended);
        return record;
    }

    /// <summary>How it is learned what an answer took, where that is not simply told, and what was paid for it.</summary>
    private sealed class Reckoning
    {
        /// <summary>Of an answer whose pieces end anywhere; null for any other.</summary>
        public UsageTail? Tail { get; set; }

        /// <summary>What the cloud that is asked was sent; null where none is.</summary>
        public CloudAsk? Ask { get; set; }

        /// <summary>Of its answer; null where no cloud is asked.</summary>
        public PaidAnswer? Paid { get; set; }

        /// <summary>Hears a cloud that speaks its own words; null where it speaks OpenAI's.</summary>
        public MessagesAnswer? Words { get; set; }

        /// <summary>That clouds took so far.</summary>
        public Money Cost { get; set; }
    }
}
