using System.Collections.Immutable;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Core.Tuning;
using Helix.Telemetry;

namespace Helix.Gateway;

/// <summary>What one instance was asked, how fast it answers, when it last produced something, and what it is likely to have kept of prompts.</summary>
/// <param name="origin">The timestamp from which moments are counted.</param>
/// <param name="gate">Protects all but what pieces of answers change: <see cref="GatewayCounters.Gate"/>.</param>
internal sealed class InstanceTraffic(TimeProvider time, long origin, Lock gate)
{
    /// <summary>Tokens for which an engine is thought to have memory where it does not tell.</summary>
    private const int UsualMemory = 32768;

    /// <summary>Of what it has kept, no more is known than that of 4 MiB of prompts: half a MB.</summary>
    private const int MostKept = 16384;

    private long _requests;
    private long _faults;
    private long _lastOutput;
    private long _tokens;

    // requests begin and end rarely beside the pieces their answers consist of
    private readonly Lock _gate = gate;
    private readonly BackendPace _pace = new();
    private readonly RequestShape[] _shapes = new RequestShape[64];
    private readonly Random _chance = new();
    private PrefixIndex? _kept;
    private Backend? _keptBy;
    private bool _tellsKept;
    private Breaker _breaker;

    /// <summary>Read without the lock: who answers all is asked about that for each request.</summary>
    private volatile bool _hasFailed;
    private long _seenAt;
    private long _noted;

    public int InFlight
    {
        get
        {
            lock (_gate) return _pace.InFlight;
        }
    }

    public long Requests => Volatile.Read(ref _requests);

    /// <summary>Requests that it answered with a status of 500 or above, broke off, or did not answer.</summary>
    public long Faults => Interlocked.Read(ref _faults);

    /// <summary>That clients were sent: the events of streams, each of which counts as one, and what whole answers had.</summary>
    public long Tokens => Interlocked.Read(ref _tokens);

    /// <summary>Time since the last piece of an answer was passed on; null if there was none yet.</summary>
    public TimeSpan? SinceOutput => Volatile.Read(ref _lastOutput) is var at and not 0 ? time.GetElapsedTime(at) : null;

    /// <summary>Time since it had to answer again, or an answer ended; null while it answers nobody.</summary>
    public TimeSpan? SinceBusy
    {
        get
        {
            lock (_gate) return _pace.SinceBusy(Now);
        }
    }

    /// <summary>How long it is, by what was seen of late, until one of the answers under way ends; null where there is none, or nothing was seen yet.</summary>
    public TimeSpan? UntilNextEnd
    {
        get
        {
            lock (_gate)
            {
                if (_pace.SinceBusy(Now) is not { } took || _pace.BetweenEnds is not { } seconds) return null;
                var usual = TimeSpan.FromSeconds(seconds);
                // what takes longer than usual may take as long again
                return usual > took ? usual - took : took;
            }
        }
    }

    /// <summary>The latest requests that were answered, in no order: how long they were, and nothing else of them.</summary>
    public ImmutableArray<RequestShape> Shapes
    {
        get
        {
            lock (_gate) return [.. _shapes.AsSpan(0, (int)Math.Min(_noted, _shapes.Length))];
        }
    }

    public Breaker Breaker
    {
        get
        {
            lock (_gate) return _breaker;
        }
    }

    /// <summary>Of its streams, as it was looked up last; null where it was not.</summary>
    public StreamPace? Pace { get; set; }

    /// <summary>It failed again and again of late.</summary>
    public bool IsBroken => _hasFailed && Breaker.IsOpen(Now);

    private TimeSpan Now => time.GetElapsedTime(origin);

    /// <summary>Fills in how it goes with it at this moment. Only for whoever holds the gate.</summary>
    /// <param name="blocks">Of the prompt in question.</param>
    /// <param name="promptTokens">It has about so many.</param>
    /// <param name="answers">That were seen of the model, whoever gave them.</param>
    /// <param name="now">This moment, since the origin.</param>
    public void Look(ref Candidate candidate, PromptBlocks blocks, int promptTokens, long answers, TimeSpan now)
    {
        candidate.InFlight = _pace.InFlight;
        candidate.Breaker = _breaker;
        candidate.Speed = _pace.Hoped;
        candidate.AheadTokens = _pace.WaitingTokens;
        candidate.KeptTokens = KeptOf(candidate.Backend, blocks, promptTokens);
        candidate.OldestWait = _pace.OldestWait(now).TotalSeconds;
        candidate.BetweenEnds = _pace.BetweenEnds;
        candidate.Unseen = answers - _seenAt;
        candidate.Recent = _pace.Recent;
    }

    /// <summary>A request for its model was sent, here or elsewhere. Only for whoever holds the gate.</summary>
    public void NoteSent(bool isHere) => _pace.NoteSent(isHere);

    /// <summary>Another engine of its model has answered. Only for whoever holds the gate.</summary>
    public void NoteOther(Speed before, Speed after) => _pace.NoteOther(before, after);

    /// <summary>It is sent a request. Only for whoever holds the gate.</summary>
    /// <param name="blocks">Of its prompt; none where nobody else could have been asked.</param>
    /// <param name="now">This moment, since the origin.</param>
    /// <param name="keptTokens">Of its prompt, where they were looked up just now, for a choice; null where they were not.</param>
    public Flight Begin(Backend backend, PromptBlocks blocks, int promptTokens, bool isStream, TimeSpan now, int? keptTokens = null)
    {
        _requests++;
        var isTrial = _hasFailed && BeginsTrial(now);
        var kept = keptTokens ?? KeptOf(backend, blocks, promptTokens);
        return _pace.Begin(now, promptTokens - kept, isStream, isTrial, kept);
    }

    /// <summary>The first piece of its answer has come: it has read the prompt.</summary>
    /// <param name="now">The timestamp of this moment.</param>
    public void NoteFirst(Flight flight, Backend backend, PromptBlocks blocks, long now)
    {
        lock (_gate)
        {
            _pace.NoteFirst(flight, time.GetElapsedTime(origin, now));
            if (_hasFailed) Note(Breaker.Well);
            if (blocks.Chain.Length > 0) IndexOf(backend).Add(blocks.Chain);
        }
    }

    /// <param name="shape">Of a request that was answered to its end; null for any other.</param>
    /// <param name="told">What it took, by the engine; null where it did not say.</param>
    /// <param name="now">This moment, since the origin.</param>
    /// <param name="model">What is known of the model's requests.</param>
    public void End(Flight flight, Backend backend, RequestShape? shape, TokenUsage? told, bool isStream, TimeSpan now, ModelTraffic model)
    {
        lock (_gate)
        {
            var before = _pace.Hoped;
            _pace.End(flight, now, shape?.AnswerTokens, isStream, backend.Slots, shape is null ? null : ReadOf(flight, backend, told));
            if (flight.IsTrial) Note(_breaker.Untold());
            if (shape is not { } its) return;
            _shapes[_noted++ % _shapes.Length] = its;
            _seenAt = model.NoteAnswer(its.AnswerTokens);
            if (backend.Cloud is null) model.NoteSpeed(this, before, _pace.Speed);
        }
    }

    /// <summary>It is asked something that is no request to a model, a page for one.</summary>
    public void BeginOther()
    {
        lock (_gate)
        {
            _requests++;
            _pace.BeginOther(Now);
        }
    }

    public void EndOther()
    {
        lock (_gate) _pace.EndOther();
    }

    /// <summary>It answered with its own trouble, or broke off.</summary>
    public void NoteFault(Flight flight)
    {
        Interlocked.Increment(ref _faults);
        NoteRefusal(flight);
    }

    /// <summary>It did not take a request that others may take: no fault of it, and a reason to turn to them for a while.</summary>
    public void NoteRefusal(Flight flight)
    {
        lock (_gate) Note(_breaker.Failed(Now, _chance.NextDouble(), flight.IsTrial));
    }

    /// <summary>Its process is gone, and with it all that it had read.</summary>
    public void NoteGone()
    {
        lock (_gate) _kept = null;
    }

    /// <param name="now">The timestamp of this moment.</param>
    public void NoteOutput(long now) => Volatile.Write(ref _lastOutput, now);

    public void NoteTokens(long count) => Interlocked.Add(ref _tokens, count);

    /// <summary>How much of its prompt had to be read; null where the engine does not tell what it keeps.</summary>
    private int? ReadOf(Flight flight, Backend backend, TokenUsage? told)
    {
        if (told is not { Prompt: > 0 } usage) return null;
        // who keeps nothing, and who does not say so, tell the same
        _tellsKept |= usage.Cached > 0;
        if (!_tellsKept) return null;
        var whole = flight.PromptTokens + flight.KeptTokens;
        var found = whole * Math.Min(1, usage.Cached / (double)usage.Prompt);
        IndexOf(backend).Learn(flight.KeptTokens, found);
        return (int)(whole - found);
    }

    /// <summary>Tokens of a prompt that it is likely to have kept.</summary>
    private int KeptOf(Backend backend, PromptBlocks blocks, int promptTokens) =>
        blocks.Chain.Length == 0 ? 0 : PromptBlocks.TokensOf(IndexOf(backend).Match(blocks.Chain), promptTokens);

    private bool BeginsTrial(TimeSpan now)
    {
        var wasOnTrial = _breaker.OnTrial;
        Note(_breaker.Sent(now));
        return _breaker.OnTrial && !wasOnTrial;
    }

    private void Note(Breaker breaker) => (_breaker, _hasFailed) = (breaker, breaker != Breaker.Well);

    private PrefixIndex IndexOf(Backend backend)
    {
        if (_kept is { } kept && backend == _keptBy)
        {
            // another snapshot of the fleet has another object of the same: it is compared member by member once
            _keptBy = backend;
            return kept;
        }

        var tokens = backend.Slots > 0 && backend.ContextTokens > 0 ? (long)backend.Slots * backend.ContextTokens : UsualMemory;
        var index = new PrefixIndex((int)Math.Min(MostKept, tokens * RequestShape.BytesPerToken / PromptBlocks.Unit));
        (_kept, _keptBy) = (index, backend);
        return index;
    }
}
