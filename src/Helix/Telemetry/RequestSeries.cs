using Helix.Core.Alerts;
using Helix.Core.Gateway;
using Helix.Core.Telemetry;

namespace Helix.Telemetry;

/// <summary>Which requests are measured together.</summary>
internal readonly record struct RequestKind(string Operation, string Provider, string AskedModel, string SentTo);

/// <summary>What the requests of one kind came to. One writer at a time, and any number of readers meanwhile.</summary>
internal sealed class RequestSeries(RequestKind kind)
{
    private static readonly Labels[] s_errors = [.. RequestWords.ErrorTypes.Select(type => Labels.Of(("error.type", type)))];
    private static readonly Labels[] s_ends = [.. RequestWords.Outcomes.SelectMany(outcome => RequestWords.Dialects.Select(dialect => Labels.Of(("outcome", outcome), ("dialect", dialect))))];
    private static readonly Labels s_input = Labels.Of(("gen_ai.token.type", "input"));
    private static readonly Labels s_output = Labels.Of(("gen_ai.token.type", "output"));
    private static readonly Labels[] s_tokens =
    [
        Labels.Of(("gen_ai.token.type", "input"), ("source", "engine")), Labels.Of(("gen_ai.token.type", "output"), ("source", "engine")),
        Labels.Of(("gen_ai.token.type", "input"), ("source", "estimate")), Labels.Of(("gen_ai.token.type", "output"), ("source", "estimate")),
    ];

    private readonly Labels _labels = Labels.Of(
        ("gen_ai.operation.name", kind.Operation), ("gen_ai.provider.name", kind.Provider), ("gen_ai.request.model", kind.AskedModel), ("gen_ai.response.model", kind.SentTo));

    private readonly long[] _ends = new long[s_ends.Length];
    private readonly BucketCounts?[] _durations = new BucketCounts?[s_errors.Length];
    private readonly BucketCounts _firstToken = new(Measures.FirstToken);
    private readonly BucketCounts _perToken = new(Measures.PerToken);
    private readonly BucketCounts _input = new(Measures.Tokens);
    private readonly BucketCounts _output = new(Measures.Tokens);
    private readonly BucketCounts _tries = new(Measures.Tries);
    private readonly BucketCounts _waits = new(Measures.Wait);
    private long _estimatedInput;
    private long _estimatedOutput;
    private long _cached;

    public RequestKind Kind { get; } = kind;

    /// <summary>In how many ways requests of one kind end and are asked.</summary>
    public static int Ends => s_ends.Length;

    /// <summary>How many kinds of tokens are told apart.</summary>
    public static int TokenKinds => s_tokens.Length;

    public void Add(in RequestRecord one)
    {
        _ends[(int)one.Outcome * RequestWords.Dialects.Length + (int)one.Dialect]++;
        var error = RequestWords.ErrorOf(one);
        if (_durations[error] is not { } durations) Volatile.Write(ref _durations[error], durations = new BucketCounts(Measures.Duration));
        durations.Add(one.Took.Ticks);
        if (one is { Outcome: RequestOutcome.Answered, FirstToken: { } first }) _firstToken.Add(first.Ticks);
        if (one.PerToken is { } each) _perToken.Add(each.Ticks);
        if (one.Tries > 0) _tries.Add(one.Tries);
        if (one.Tries > 0 || one.Waited > TimeSpan.Zero) _waits.Add(one.Waited.Ticks);
        if (one.Usage != default) AddTokens(one.Usage, one.IsEstimated);
    }

    /// <summary>How the requests ended, whatever their clients spoke, and how fast they went.</summary>
    /// <param name="its">Of which kind they are.</param>
    public RequestCounts Read(RequestKind its)
    {
        var ends = new long[RequestWords.Outcomes.Length];
        for (var at = 0; at < _ends.Length; at++) ends[at / RequestWords.Dialects.Length] += Interlocked.Read(ref _ends[at]);
        return new(its.Provider, its.SentTo.Length > 0 ? its.SentTo : its.AskedModel, [.. ends], _firstToken.Read(), _perToken.Read());
    }

    public void PutEnds(PutSample put) => PutCounts(put, s_ends, _ends);

    public void WriteDurations(ExpositionText text)
    {
        for (var at = 0; at < s_errors.Length; at++) Volatile.Read(ref _durations[at])?.WriteTo(text, _labels, s_errors[at]);
    }

    public void WriteFirstTokens(ExpositionText text) => _firstToken.WriteTo(text, _labels, Labels.None);

    public void WritePerToken(ExpositionText text) => _perToken.WriteTo(text, _labels, Labels.None);

    public void WriteTokenUsage(ExpositionText text)
    {
        _input.WriteTo(text, _labels, s_input);
        _output.WriteTo(text, _labels, s_output);
    }

    public void PutTokens(PutSample put) => PutCounts(put, s_tokens, [_input.Sum, _output.Sum, Interlocked.Read(ref _estimatedInput), Interlocked.Read(ref _estimatedOutput)]);

    public void PutCached(PutSample put)
    {
        if (Interlocked.Read(ref _cached) is not 0 and var count) put(_labels, Labels.None, count);
    }

    public void WriteTries(ExpositionText text) => _tries.WriteTo(text, _labels, Labels.None);

    public void WriteWaits(ExpositionText text) => _waits.WriteTo(text, _labels, Labels.None);

    private void AddTokens(TokenUsage usage, bool isEstimated)
    {
        _cached += usage.Cached;
        if (isEstimated)
        {
            _estimatedInput += usage.Prompt;
            _estimatedOutput += usage.Answer;
            return;
        }

        if (usage.Prompt > 0) _input.Add(usage.Prompt);
        if (usage.Answer > 0) _output.Add(usage.Answer);
    }

    private void PutCounts(PutSample put, Labels[] labels, long[] counts)
    {
        for (var at = 0; at < counts.Length; at++)
            if (Interlocked.Read(ref counts[at]) is not 0 and var count) put(_labels, labels[at], count);
    }
}
