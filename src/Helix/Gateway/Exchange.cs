using System.Collections.Immutable;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Core.Gateway.Dialects;

namespace Helix.Gateway;

/// <summary>An engine's refusal that was not passed on yet.</summary>
internal sealed record HeldRefusal(UpstreamHead Head, ReadOnlyMemory<byte> Words, ServedModel Model, Backend Backend);

/// <summary>One request for an answer of a model, and what its client has been sent so far.</summary>
/// <param name="key">Name of the key that it came with; empty for none.</param>
internal sealed partial class Exchange(HttpContext context, string key, InferenceRoute route, Dialect dialect, ReadOnlyMemory<byte> body, BodyFacts facts, RequestWishes wishes, TimeProvider time)
{
    /// <summary>Who answered what no engine was asked for, where it is accounted for.</summary>
    public const string FromMemory = "cache";

    /// <summary>The same where it was answered to other words that mean the same.</summary>
    public const string FromMeaning = "semantic-cache";

    /// <summary>What of a request was left out.</summary>
    public const string DroppedHeader = "x-helix-dropped";

    private const string Json = "application/json";

    private readonly long _began = time.GetTimestamp();

    /// <summary>From then until the first piece of its answer; infinite before.</summary>
    private TimeSpan _first = Timeout.InfiniteTimeSpan;
    private PipeWriter? _writer;

    /// <summary>Somebody was named in headers, whose words may have to be taken away.</summary>
    private bool _isNamed;

    /// <summary>The engine that was named last was not told all.</summary>
    private bool _namesUnknown;

    public string Key => key;

    public RequestPriority Priority => wishes.Priority;

    /// <summary>For so long its client waits still for the answer to begin; null for as long as it takes.</summary>
    public TimeSpan? Patience => !Answering && wishes.Patience is { } whole ? whole - time.GetElapsedTime(_began) : null;

    /// <summary>Whoever works on it is given up then; null where its client set no such limit, or the answer has begun.</summary>
    public TimeSpan? UntilDeadline => !Answering && wishes.Deadline is { } whole ? whole - time.GetElapsedTime(_began) : null;

    public bool IsTooLate => UntilDeadline <= TimeSpan.Zero;

    /// <summary>Null until it has one.</summary>
    public Place? Place { get; set; }

    public InferenceRoute Route => route;

    public BodyFacts Facts => facts;

    /// <summary>In whose words its client asks.</summary>
    public ClientDialect Speaks => dialect.Kind;

    /// <summary>The client speaks another dialect than who answers.</summary>
    public bool IsTranslated => dialect is not OpenAiDialect && !IsPassed;

    /// <summary>Only how long its prompt is, is asked for.</summary>
    public bool IsCount => dialect.OnlyCounts;

    /// <summary>In OpenAI's words, whatever the client speaks; as it came where <see cref="Fault"/> says that it cannot be put into them.</summary>
    public ReadOnlyMemory<byte> Body => body;

    /// <summary>Null where its client speaks OpenAI's.</summary>
    public OtherWords? Other { get; init; }

    /// <summary>As the client wrote it, where a cloud may speak those words too; null for any other.</summary>
    public OwnWords? Own => Other?.Own;

    /// <summary>Why nobody can be asked it who does not speak the client's own words; null where everybody can.</summary>
    public GatewayError? Fault => Other?.Fault;

    /// <summary>What this model answers is told as it comes, in the client's own words, which is not kept for others.</summary>
    public bool KeepsWords(ServedModel model) => Fault is not null || (Own is not null && model.SpeaksMessages);

    public string RequestId => context.TraceIdentifier;

    public CancellationToken ClientLeft { get; } = context.RequestAborted;

    /// <summary>A failure was told to the client, by status or by frame.</summary>
    public bool Failed { get; private set; }

    /// <summary>Status and headers are out.</summary>
    public bool Opened => context.Response.HasStarted;

    /// <summary>Content of an answer is out, so that nothing can be tried again.</summary>
    public bool Answering { get; private set; }

    /// <summary>What memory has to do with its answer.</summary>
    public MemoryUse Memory { get; set; }

    /// <summary>About so many tokens has its prompt.</summary>
    public int PromptTokens { get; } = facts.PromptTokens(body.Length);

    /// <summary>Of its prompt; null until somebody has to choose.</summary>
    public PromptBlocks? Blocks { get; set; }

    /// <summary>The answer has come to its end.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The timestamp of the moment at which it came.</summary>
    public long Began => _began;

    /// <summary>That of the moment at which its answer came to its end; of this one where it did not.</summary>
    public long Ended => IsComplete ? _lastAt : Timestamp;

    /// <summary>The moment at which it is.</summary>
    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>The timestamp of it.</summary>
    public long Timestamp => time.GetTimestamp();

    /// <summary>Since it came: until it was sent to an engine, until the first piece of its answer, and until now.</summary>
    public (TimeSpan Sent, TimeSpan First, TimeSpan Now) Times => (Other?.Sent ?? TimeSpan.Zero, First ?? time.GetElapsedTime(_began), time.GetElapsedTime(_began));

    private TimeSpan? First => _first == Timeout.InfiniteTimeSpan ? null : _first;

    /// <summary>Tells a waiting client of a stream that it is not forgotten, where its dialect has a way to.</summary>
    public Task SignOfLifeAsync(string words)
    {
        if (!dialect.HearsComments) return Task.CompletedTask;
        if (!Opened) OpenStream();
        return WriteAsync(Encoding.UTF8.GetBytes($": {words.ReplaceLineEndings(" ")}\n\n")).AsTask();
    }

    /// <summary>Says who answers: in headers, or as a comment where the headers are out.</summary>
    public ValueTask NameBackendAsync(ServedModel model, Backend backend)
    {
        var unknown = LeftOutFor(backend);
        if (Opened) return new(SignOfLifeAsync($"x-helix-model: {model.Id}, x-helix-provider: {backend.Provider}, x-helix-node: {HeaderWords.NodeOf(backend.Endpoint)}{(model.IsSelfTest ? ", x-helix-selftest: true" : "")}{(unknown.IsEmpty ? "" : $", {DroppedHeader}: {HeaderWords.Names(unknown)}")}"));

        var headers = context.Response.Headers;
        headers["x-helix-provider"] = HeaderWords.Of(backend.Provider);
        headers["x-helix-model"] = HeaderWords.Of(model.Id);
        headers["x-helix-node"] = HeaderWords.NodeOf(backend.Endpoint);
        headers["x-helix-tries"] = Tries == 1 ? "1" : Tries.ToString(CultureInfo.InvariantCulture);
        Put("x-helix-route", TakenFor);
        Put(CacheWish.Header, Memory.Word());
        Put("x-helix-selftest", model.IsSelfTest ? "true" : null);
        _isNamed = true;
        var ask = _reckoning?.Ask;
        if (ask is null && unknown.IsEmpty && !_namesUnknown) return ValueTask.CompletedTask;
        _namesUnknown = !unknown.IsEmpty;
        ImmutableArray<string> dropped = ask is { IsPassed: true } ? ask.Dropped : [.. Other?.Dropped ?? [], .. ask?.Dropped ?? [], .. unknown];
        headers[DroppedHeader] = dropped.IsEmpty ? default : HeaderWords.Names(dropped);
        return ValueTask.CompletedTask;

        void Put(string name, string? word)
        {
            if (word is not null || _isNamed) headers[name] = word;
        }
    }

    /// <summary>Takes status and headers over from the engine; they leave with the first content.</summary>
    public void Adopt(UpstreamHead head)
    {
        if (!head.IsEventStream || IsPassed) _joined = null;
        if (_goesOn) return;
        // nothing of what another backend began is left
        var translation = IsPassed || Other is null ? null : dialect.Translation(this, head.IsEventStream);
        if (translation is not null) translation.PromptTokens = PromptTokens;
        if (Other is not null) Other.Translation = translation;
        BeginReckoning(head);
        _listeners?.Begin(head.IsEventStream);
        if (Record is { } record)
        {
            if (record.Model == Model) record.Begin(head, Provider ?? "");
            else record.End(isWhole: false);
        }

        if (Opened) return;
        context.Response.StatusCode = head.Status;
        if (translation is not null)
        {
            Announce(translation.StreamType ?? Json);
            if (translation.StreamType is not null) context.Response.Headers.CacheControl = "no-cache";
            return;
        }

        Announce(head.ContentType);
        // nothing of what another said before
        if (head.RetryAfter is not null || _isNamed) context.Response.Headers.RetryAfter = head.RetryAfter;
        if (head.IsEventStream) context.Response.Headers.CacheControl = "no-cache";
        else if (head.Framing == BodyFraming.Length) context.Response.ContentLength = head.Length;
    }

    /// <summary>Takes them over from an answer that somebody else was given, or is being given.</summary>
    /// <param name="use">How it comes by it.</param>
    /// <param name="age">Null for one that is not over.</param>
    /// <param name="similarity">How near the question was to which it was given; null where that was the same.</param>
    public void AdoptKept(UpstreamHead head, string provider, bool isSelfTest, MemoryUse use, TimeSpan? age, float? similarity)
    {
        // who shares an answer may have to go on alone
        if (age is null && facts is { Stream: true, IsSteady: true } && wishes.Continues != false) _joined ??= new();
        (Provider, Memory, _by) = (use == MemoryUse.Semantic ? FromMeaning : FromMemory, use, null);
        Adopt(head);
        if (Opened) return;
        var headers = context.Response.Headers;
        headers["x-helix-provider"] = HeaderWords.Of(provider);
        headers["x-helix-model"] = HeaderWords.Of(Model ?? "");
        headers[CacheWish.Header] = use.Word();
        _isNamed = true;
        if (similarity is { } near) headers[CacheWish.SimilarityHeader] = Math.Min(near, 1).ToString("0.000", CultureInfo.InvariantCulture);
        headers["x-helix-selftest"] = isSelfTest ? "true" : default;
        if (age is { } time) headers.Age = ((long)time.TotalSeconds).ToString(CultureInfo.InvariantCulture);
    }

    /// <returns>False if the client has gone.</returns>
    public ValueTask<bool> AnswerAsync(ReadOnlyMemory<byte> content) => AnswerAsync(content, Timestamp);

    /// <param name="now">The timestamp of this moment.</param>
    /// <returns>False if the client has gone.</returns>
    public ValueTask<bool> AnswerAsync(ReadOnlyMemory<byte> content, long now)
    {
        if (UsageIn(content.Span) is { } usage) _told = _joined?.Whole(usage) ?? usage;
        if (_reckoning is { Paid: { } paid } && (content = paid.Told(content)).IsEmpty) return new(!ClientLeft.IsCancellationRequested);
        var events = _isWhole ? 0 : SseEvents.Count(content.Span);
        (AnswerBytes, AnswerEvents) = (AnswerBytes + content.Length, AnswerEvents + events);
        return _joined is { } joined ? AgreedAsync(joined, content, events, now) : PassAsync(content, events, now);
    }

    /// <summary>What goes beyond that which the client knows, where another one goes on with the answer.</summary>
    private async ValueTask<bool> AgreedAsync(JoinedStream joined, ReadOnlyMemory<byte> content, int events, long now)
    {
        if (joined.Push(content) is not { } agreed)
        {
            await FailAsync(EngineErrors.AnsweredOtherwise);
            return false;
        }

        if (!agreed.IsEmpty) return await PassAsync(agreed, events, now);
        await WhileCatchingUpAsync();
        return !ClientLeft.IsCancellationRequested;
    }

    private ValueTask<bool> PassAsync(ReadOnlyMemory<byte> content, int events, long now)
    {
        _listeners?.Push(content.Span);
        if (Other is { Translation: { } translation } && (content = translation.Push(content.Span)).IsEmpty) return new(!ClientLeft.IsCancellationRequested);
        NotePiece(events, now);
        return WriteAsync(content);
    }

    /// <summary>The engine's answer has come to its end.</summary>
    /// <param name="now">The timestamp of this moment.</param>
    public ValueTask CompleteAsync(long now)
    {
        if (_joined is not null || Other is { Translation: not null }) return CompleteAsync();
        Complete(now);
        return ValueTask.CompletedTask;
    }

    /// <summary>There may be something left to say.</summary>
    private async ValueTask CompleteAsync()
    {
        if (_joined is { IsBehind: true } || LacksEnd)
        {
            await FailAsync(LacksEnd ? EngineErrors.NobodyGoesOn : EngineErrors.AnsweredOtherwise);
            return;
        }

        if (Other is { Translation: { } translation })
        {
            var last = translation.End();
            if (translation is { Failure: { } words } && !Answering && last.IsEmpty)
            {
                await FailAsync(new GatewayError(StatusCodes.Status502BadGateway, "engine_refused", words));
                return;
            }

            Failed |= translation.Failure is not null;
            if (translation.StreamType is null && !Opened) context.Response.ContentLength = last.Length;
            if (First is null) _first = time.GetElapsedTime(_began);
            Answering = true;
            if (!last.IsEmpty) await WriteAsync(last);
        }

        Complete(Timestamp);
    }

    /// <summary>No sooner than its last piece went out.</summary>
    private void Complete(long now) => (IsComplete, _lastAt) = (true, Math.Max(now, _lastAt));

    /// <summary>Tells about how long its prompt is: nobody is asked, and paid, for that.</summary>
    public async Task EstimateAsync(ServedModel model, Backend backend)
    {
        Model = model.Id;
        await NameBackendAsync(model, backend);
        var json = AnthropicCount.Told(PromptTokens);
        Announce(Json);
        context.Response.ContentLength = json.Length;
        await WriteAsync(json);
        Complete(Timestamp);
    }

    /// <summary>Ends the exchange with an error, in the best way that is still open.</summary>
    public async Task FailAsync(GatewayError error)
    {
        Failed = true;
        if (!Opened)
        {
            context.Response.Headers.CacheControl = default;
            context.Response.ContentLength = null;
            IsStream = false;
            await ErrorResponse.WriteAsync(context, error, dialect);
        }
        else if (IsStream) await WriteAsync(dialect.ErrorFrame(error, RequestId));
        else context.Abort();
    }

    /// <summary>Passes an engine's refusal on: as it came where that is still open, else as a frame.</summary>
    public async Task RefuseAsync(HeldRefusal refusal)
    {
        if (IsGiven)
        {
            // it is about what helix asked, not about what the client did
            await FailAsync(EngineErrors.NobodyGoesOn);
            return;
        }

        Failed = true;
        var head = refusal.Head;
        if (!Opened) await NameBackendAsync(refusal.Model, refusal.Backend);
        var status = head.Status >= 400 ? head.Status : StatusCodes.Status502BadGateway;
        if (Opened)
        {
            await WriteAsync(dialect.RefusalFrame(refusal.Words, status, RequestId));
            return;
        }

        var json = dialect.Refusal(refusal.Words, status, RequestId);
        context.Response.StatusCode = head.Status;
        Announce(Json);
        context.Response.ContentLength = json.Length;
        context.Response.Headers.RetryAfter = head.RetryAfter;
        await WriteAsync(json);
    }

    /// <summary>It is answered piece by piece.</summary>
    public bool IsStream { get; private set; }

    /// <summary>Says of which type its answer is; null for none.</summary>
    private void Announce(string? type)
    {
        context.Response.ContentType = type;
        IsStream = type is not null && (type.StartsWith(UpstreamHead.EventStreamType, StringComparison.OrdinalIgnoreCase) || type.StartsWith(OllamaStream.LineType, StringComparison.OrdinalIgnoreCase));
    }

    private void OpenStream()
    {
        Announce(UpstreamHead.EventStreamType);
        context.Response.Headers.CacheControl = "no-cache";
    }

    /// <returns>False if the client has gone.</returns>
    private ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes) => WrittenAsync((_writer ??= context.Response.BodyWriter).WriteAsync(bytes));

    /// <summary>Nearly always that is done at once, and nothing has to be remembered.</summary>
    private ValueTask<bool> WrittenAsync(ValueTask<FlushResult> writing)
    {
        return writing.IsCompletedSuccessfully ? new(IsTaken(writing.Result)) : LaterAsync(writing);

        async ValueTask<bool> LaterAsync(ValueTask<FlushResult> later) => IsTaken(await later);

        bool IsTaken(FlushResult result) => !result.IsCompleted && !ClientLeft.IsCancellationRequested;
    }
}
