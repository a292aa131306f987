using System.Collections.Immutable;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>What becomes of an answer whose engine broke off.</summary>
internal sealed partial class Exchange
{
    private static readonly byte[] s_done = [.. SseEvents.Done, .. "\n\n"u8];
    private static readonly TimeSpan s_signEvery = TimeSpan.FromSeconds(5);

    private JoinedStream? _joined = Continuing(route, wishes, facts);
    private bool _goesOn;

    /// <summary>It may be told what another one is told: if that one breaks off, this one can go on alone.</summary>
    public bool MayShare => !facts.Stream || (facts.IsSteady && wishes.Continues != false);

    /// <summary>Only who goes on from what was said may be asked.</summary>
    public bool IsGiven => _detour is { Given: not null };

    /// <summary>A part of its answer is out, so that only a stream can follow.</summary>
    public bool MustStream => _goesOn;

    /// <summary>Who goes on from what was said must say where the end is: there is nothing by which it could be seen.</summary>
    private bool LacksEnd => IsGiven && _joined is { HasEnded: false, HasDone: false };

    /// <summary>What the engine said in the middle of its answer went wrong, which the client was not told; null where nothing did.</summary>
    public ReadOnlyMemory<byte>? HeldFailure => _joined?.Failure;

    private static JoinedStream? Continuing(InferenceRoute route, RequestWishes wishes, BodyFacts facts) =>
        wishes.Continues == true && route.Kind == RouteKind.Writing && facts.Stream && (facts.Needs & (facts.IsSteady ? ModelAbilities.Tools : ModelAbilities.Tools | ModelAbilities.JsonSchema)) == 0 ? new() : null;

    /// <summary>Whoever was to answer has failed, and the client has heard nothing of it.</summary>
    public void StartsOver() => (_joined, Provider) = (Continuing(route, wishes, facts), null);

    /// <summary>
    /// The engine broke off in the middle of its answer. Where each answer is the same, another may answer again from the beginning, of which the client hears
    /// what it has not heard; else one may be given what was said, and goes on from there.
    /// </summary>
    /// <param name="model">Whose backends may be given it; null for nobody's.</param>
    /// <param name="but">The instance that is not to get it again; null for none.</param>
    /// <returns>Whether another may.</returns>
    public bool GoesOn(ServedModel? model = null, string? but = null)
    {
        if (_joined is not { CanBeContinued: true, HasEnded: false } joined) return false;
        if (facts.IsSteady || joined.IsBlank)
        {
            joined.Restart();
            (AnswerBytes, AnswerEvents, Remembered.Given) = (0, 0, null);
        }
        else
        {
            if (joined.Text is not { } said || model is null || !model.Backends.Any(backend => backend.Instance != but && Can(backend))) return false;
            if (!ContinuedRequest.IsPossible(route, body, said, joined.Tokens)) return false;
            Remembered.Given = joined.GoOn();
        }

        _told = null;
        StayWithModel();
        // its frames say that it went on, which is not true of who is told it again
        Record?.End(isWhole: false);
        return _goesOn = true;
    }

    /// <summary>The model with those of its backends that may be asked.</summary>
    /// <returns>Null where none may at this moment.</returns>
    public ServedModel? Fit(ServedModel model)
    {
        if (!IsGiven) return model;
        ImmutableArray<Backend> able = [.. model.Backends.Where(Can)];
        return able.IsEmpty ? null : model with { Backends = able };
    }

    /// <summary>What a backend is sent: the request, or one for the rest of its answer, without what it does not know and would not miss.</summary>
    public (ReadOnlyMemory<byte> Body, BodyFacts Facts) AskOf(Backend backend)
    {
        var (asked, its) = WholeFor(backend);
        var cut = backend.Gaps?.Of(route).LeftOut(its) ?? RequestParameters.None;
        return cut == RequestParameters.None ? (asked, its) : MemberCut.Without(asked.Span, its, cut);
    }

    /// <summary>Names of what changes no answer and is not sent to it, as the client calls them.</summary>
    private ImmutableArray<string> LeftOutFor(Backend backend) => backend.Gaps is { } gaps ? ParameterTable.NamesIn(dialect.Kind, gaps.Of(route).Drops & facts.Asked) : [];

    private (ReadOnlyMemory<byte> Body, BodyFacts Facts) WholeFor(Backend backend)
    {
        if (_detour is not { Given: { } given } || _joined is not { } joined || backend.Continues is not { } how) return (body, facts);
        var rest = ContinuedRequest.Of(route, body, given, joined.TokensGiven, how);
        return BodyPeek.Look(rest) is BodyLook.Good(var its) ? (rest, its) : throw new InvalidOperationException("the request for the rest of an answer is none");
    }

    /// <summary>The engine broke off; where it had said all, that is the end.</summary>
    /// <returns>Whether it had.</returns>
    public async ValueTask<bool> EndsWellAsync()
    {
        if (_joined is not { HasEnded: true, HasDone: var isMarked }) return false;
        if (!isMarked && !IsTranslated) await AnswerAsync(s_done);
        await CompleteAsync();
        return true;
    }

    private bool Can(Backend backend) => ContinuedRequest.Can(backend.Continues, route) && backend.Unknown(route, facts.Asked) == RequestParameters.None;

    /// <summary>An engine that repeats what is known already may take its time.</summary>
    private async ValueTask WhileCatchingUpAsync()
    {
        if (time.GetElapsedTime(_detour?.Signed ?? _began) < s_signEvery) return;
        Remembered.Signed = time.GetTimestamp();
        await SignOfLifeAsync("another engine goes on");
    }
}
