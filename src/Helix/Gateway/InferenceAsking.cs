using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Core.Healing;

namespace Helix.Gateway;

/// <summary>Looks for who can answer, waits for whoever is not there, and turns to another where one does not answer.</summary>
internal sealed partial class InferenceEndpoint
{
    /// <summary>
    /// An engine that dies on a request may die of it. One that answered this request alone is half of a proof; where it answered others too, any
    /// of them may have been it, and whatever struck from outside struck all of them.
    /// </summary>
    private const int MostBlame = 2 * Inquiry.BlameAlone;

    /// <summary>For so long the fleet is waited for; an engine that only closed the connection lives on, and is asked again.</summary>
    private static readonly TimeSpan s_notice = TimeSpan.FromSeconds(1);

    private const string NoConnections = "its engine takes no connections";

    /// <summary>Asks for the model that the request names; where its name stands for several, until one of them answers.</summary>
    private async Task AnswerAsync(Exchange exchange)
    {
        // nearly always the first that is asked answers, and nothing has to be remembered
        var way = Look(exchange, standIns.Of(exchange), counters.Timestamp);
        if (await AskAsync(exchange, way, out var race) is not AttemptEnd.Settled and var end) await GoOnAsync(exchange, way, race, end);
    }

    /// <summary>Asks whom the way led to.</summary>
    /// <param name="race">What came of asking two; null where one was asked alone, or nobody.</param>
    /// <returns>How it ended; where it led to nobody, as with one who is not there.</returns>
    private ValueTask<AttemptEnd> AskAsync(Exchange exchange, in RequestWay way, out Race? race)
    {
        if (way.Chosen is { } chosen) return hedge.RunAsync(exchange, way.Model!, chosen, out race);
        race = null;
        return new(AttemptEnd.NotThere);
    }

    /// <summary>The first way led to no answer: others are looked for until one does, or nobody is left.</summary>
    /// <param name="race">By <see cref="AskAsync"/>, as is <paramref name="end"/>.</param>
    private async Task GoOnAsync(Exchange exchange, RequestWay way, Race? race, AttemptEnd end)
    {
        var inquiry = new Inquiry { StandIn = way.StandIn };
        while (true)
        {
            Turn turn;
            if (way.Chosen is { } chosen)
            {
                if (race is { FirstEnd: { } before }) inquiry.Blame(chosen, before);
                turn = await MissedAsync(exchange, inquiry, way with { Chosen = race?.Asked ?? chosen }, end);
            }
            else
            {
                turn = await StoppedAsync(exchange, inquiry, way);
            }

            if (turn is Turn.Over) return;
            if (turn is Turn.Unanswered unanswered)
            {
                var told = inquiry.Tell(unanswered);
                if (!exchange.NextName())
                {
                    await (told.Refusal is { } refusal ? exchange.RefuseAsync(refusal) : exchange.FailAsync(told.Error!));
                    return;
                }

                inquiry.Begin(standIns.Of(exchange));
            }

            way = Look(exchange, inquiry.StandIn, counters.Timestamp);
            end = await AskAsync(exchange, way, out race);
            if (end == AttemptEnd.Settled) return;
        }
    }

    /// <summary>Goes as far as it goes at this moment without waiting: at best to a backend, to which the request counts as sent from here on.</summary>
    /// <param name="standIn">Clouds' models of which one may be asked in place of what is found; null for none.</param>
    /// <param name="moment">The timestamp of this one.</param>
    private RequestWay Look(Exchange exchange, ImmutableArray<string>? standIn, long moment)
    {
        var now = config();
        var snapshot = fleet.Current;
        var choice = Routing.Choose(snapshot, exchange.Wanted, exchange.Route.Needs, now.Builtin.Model);
        var way = new RequestWay(now, snapshot, choice) { StandIn = standIn };
        if (exchange.IsElsewhere && !choice.IsCloud) return way with { Stop = Stop.CloudIsGone };
        if (choice.Failed is { } unserved) exchange.NoteFailed(unserved);
        // what it says is known only to a cloud that speaks as its client does
        if (exchange.Fault is not null && choice.Found is { SpeaksMessages: false }) return way with { Stop = Stop.Fault };
        if (choice is not ModelChoice.Send(var model, _)) return way with { Stop = Stop.NotServed };
        // what always says the same is no answer that anybody waits for
        if (model.IsSelfTest && standIn is not null) return way with { Stop = Stop.SelfTest };
        if (choice.IsCloud && exchange.IsCount) return way with { Stop = Stop.Counted };
        // it goes on with nobody's answer, and is paid once
        if (choice.IsCloud && (exchange.Answering || exchange.HadAtCloud(model))) return way with { Stop = Stop.WasPaid };
        if (exchange.Fit(model) is not { } fit) return way with { Stop = Stop.NobodyGoesOn };
        if (offers.Unknown(fit, exchange.Route, exchange.Facts.Asked, exchange.Speaks) is { } unknown) return way with { Stop = Stop.Unknown, Unknown = unknown };
        if (exchange.Place is { } place && place.Model != fit.Id)
        {
            place.Leave(0);
            exchange.Place = null;
        }

        // what a cloud computes takes no place here
        if (exchange.Place is null && !choice.IsCloud)
        {
            if (admission.Enter(exchange, fit, moment) is { } waits) return way with { Stop = Stop.NoPlace, Model = fit, Waits = waits };
            // the places may be those of another fleet
            if (fleet.Current.Version != snapshot.Version) return way with { Stop = Stop.FleetChanged };
        }

        if (backends.Take(fit, exchange, moment) is not { } chosen) return way with { Stop = Stop.AllTried, Model = fit };
        // the model that was asked for is still there to be waited for
        if (exchange.IsElsewhere) chosen = chosen with { HasOthers = true, IsStandIn = true };
        exchange.NoteTry(fit, chosen, moment);
        return way with { Model = fit, Chosen = chosen };
    }

    /// <summary>It was sent to nobody: waits for what may change that, where something may.</summary>
    private async Task<Turn> StoppedAsync(Exchange exchange, Inquiry inquiry, RequestWay way)
    {
        var (now, snapshot) = (way.Config, way.Snapshot);
        switch (way)
        {
            case { Stop: Stop.CloudIsGone }:
                // it was there a moment ago
                inquiry.Home(exchange);
                return Turn.Again.Instance;

            case { Stop: Stop.Fault }: return new Turn.Unanswered(exchange.Fault);

            case { Choice: ModelChoice.Refuse(var error, var next) }:
                if (!exchange.HasNextName && error.Status != StatusCodes.Status400BadRequest && Elsewhere(exchange, inquiry, null)) return Turn.Again.Instance;
                return new Turn.Unanswered(next is { } moment ? error with { RetryAfter = ReturnTime.Until(moment, time.GetUtcNow()) } : offers.With(error, exchange.Route));

            case { Choice: ModelChoice.Wait(var model, var progress, var provider) }:
                exchange.Model = model.Id;
                fleet.Want(model.Id, provider);
                if (PutOff(exchange, inquiry, snapshot, now)) return Turn.Again.Instance;
                if (inquiry.StandIn is not null && UntilReady(model, provider, TimeSpan.Zero) > now.Cloud.AfterSeconds && Elsewhere(exchange, inquiry, model)) return Turn.Again.Instance;
                if (await WaitOf(exchange, inquiry, now).UntilChangedAsync(exchange, snapshot.Version, progress) is not WaitEnd.Changed and var over) return Ended(exchange, inquiry, now, model, provider, over, progress);
                return Turn.Again.Instance;

            case { Stop: Stop.SelfTest }:
                Elsewhere(exchange, inquiry, null);
                return Turn.Again.Instance;

            case { Stop: Stop.Counted, Choice: ModelChoice.Send(var model, _) }:
                await exchange.EstimateAsync(model, model.Backends[0]);
                return Turn.Over.Instance;

            case { Stop: Stop.WasPaid, Choice: ModelChoice.Send(var model, _) }:
                return new Turn.Unanswered(exchange.Answering ? EngineErrors.DiedWhileAnswering : exchange.CloudError ?? EngineErrors.Gone(model.Id));

            case { Stop: Stop.NobodyGoesOn, Choice: ModelChoice.Send(var model, _) }:
                // who could go on with the answer is not there at this moment
                return await WaitOf(exchange, inquiry, now).UntilChangedAsync(exchange, snapshot.Version, $"no engine of {model.Id} that goes on from what was said is ready") == WaitEnd.Changed ? Turn.Again.Instance : new Turn.Unanswered(EngineErrors.NobodyGoesOn);

            case { Unknown: { } unknown, Choice: ModelChoice.Send(var model, var provider) }:
                exchange.Model = model.Id;
                if (unknown.IsAwaited && PutOff(exchange, inquiry, snapshot, now)) return Turn.Again.Instance;
                // an engine that knows it is on its way, and will be one of the model's
                if (unknown.IsAwaited && provider is null && await WaitOf(exchange, inquiry, now).UntilChangedAsync(exchange, snapshot.Version, EngineErrors.UnknownAwaited(model.Id)) is WaitEnd.Changed) return Turn.Again.Instance;
                return new Turn.Unanswered(exchange.Answering ? EngineErrors.NobodyGoesOn : unknown.Error);

            case { Waits: { } waits, Model: { } model }:
                if (await admission.WaitAsync(exchange, model, waits, WaitOf(exchange, inquiry, now)) is not { } refused) return Turn.Again.Instance;
                exchange.Model = model.Id;
                return !exchange.HasNextName && Elsewhere(exchange, inquiry, model) ? Turn.Again.Instance : new Turn.Unanswered(refused);

            case { Stop: Stop.AllTried, Model: { } model }:
                // all that can go on have failed before: since then the fleet has changed, or has yet to notice
                if (inquiry.Last is { } failed && await NoticedAsync(WaitOf(exchange, inquiry, now), exchange, failed.Before, model, failed.Backend, failed.End) is not WaitEnd.Changed and var late)
                    return new Turn.Unanswered(exchange.Answering ? EngineErrors.NobodyGoesOn : NotReady(exchange, inquiry, now, model, way.Provider, late, NoConnections));
                inquiry.Forget(exchange);
                return Turn.Again.Instance;

            default: return Turn.Again.Instance;
        }
    }

    /// <summary>It was sent to a backend, and not answered there: another one is asked, or the same once more, where that helps.</summary>
    private async Task<Turn> MissedAsync(Exchange exchange, Inquiry inquiry, RequestWay way, AttemptEnd end)
    {
        var (now, snapshot, model, chosen) = (way.Config, way.Snapshot, way.Model!, way.Chosen!);
        if (exchange.IsTooLate)
        {
            // nobody else can be in time either
            await exchange.FailAsync(EngineErrors.TooLate);
            return Turn.Over.Instance;
        }

        if (exchange.IsElsewhere)
        {
            inquiry.Home(exchange);
            return Turn.Again.Instance;
        }

        exchange.NoteTried(chosen.Backend);
        inquiry.Blame(chosen, end);
        if (inquiry.Deaths.Count > 0 && BlameOf(inquiry.Deaths) >= MostBlame)
        {
            // nobody else is to die of it
            await exchange.FailAsync(EngineErrors.DiedAgain);
            return Turn.Over.Instance;
        }

        inquiry.Last = (snapshot, chosen.Backend, end);
        if (chosen.HasOthers && (end != AttemptEnd.Refused || counters.GrantsRetry())) return Turn.Again.Instance;
        if (exchange.Held is { } refusal) return new Turn.Unanswered(null, refusal);
        if (way.Choice.IsCloud) return new Turn.Unanswered(exchange.CloudError ?? EngineErrors.Gone(model.Id));
        if (exchange.HasNextName) return new Turn.Unanswered(EngineErrors.Gone(model.Id));
        fleet.Want(model.Id, way.Provider);
        if (await NoticedAsync(WaitOf(exchange, inquiry, now), exchange, snapshot, model, chosen.Backend, end) is not WaitEnd.Changed and var ended)
            return Ended(exchange, inquiry, now, model, way.Provider, ended, NoConnections);
        inquiry.Forget(exchange);
        return Turn.Again.Instance;
    }

    /// <summary>It was waited for in vain.</summary>
    private Turn Ended(Exchange exchange, Inquiry inquiry, HelixConfig now, ServedModel model, string? provider, WaitEnd end, string progress) =>
        end == WaitEnd.TooLate && Elsewhere(exchange, inquiry, model) ? Turn.Again.Instance : new Turn.Unanswered(NotReady(exchange, inquiry, now, model, provider, end, progress));

    private GatewayError NotReady(Exchange exchange, Inquiry inquiry, HelixConfig now, ServedModel model, string? provider, WaitEnd end, string progress) =>
        EngineErrors.NotReady(end, model.Id, progress, WaitOf(exchange, inquiry, now).Deadline, UntilReady(model, provider, TimeSpan.FromSeconds(now.Gateway.ModelDeadline)));

    private ModelWait WaitOf(Exchange exchange, Inquiry inquiry, HelixConfig now) => inquiry.Wait ??= new ModelWait(fleet, time, Deadline(exchange, inquiry, now));

    private static TimeSpan Deadline(Exchange exchange, Inquiry inquiry, HelixConfig now)
    {
        var whole = exchange.Patience is { } patience && patience.TotalSeconds < now.Gateway.ModelDeadline ? TimeSpan.FromTicks(Math.Max(0, patience.Ticks)) : TimeSpan.FromSeconds(now.Gateway.ModelDeadline);
        return inquiry.StandIn is not null && now.Cloud.AfterSeconds is { } after && after < whole.TotalSeconds ? TimeSpan.FromSeconds(after) : whole;
    }

    /// <summary>Another model that its name stands for is asked first, where that can answer at once.</summary>
    private bool PutOff(Exchange exchange, Inquiry inquiry, FleetSnapshot snapshot, HelixConfig now)
    {
        if (!OtherIsReady(exchange, snapshot, now) || !exchange.NextName(isPutOff: true)) return false;
        (inquiry.Wait, inquiry.StandIn) = (null, standIns.Of(exchange));
        return true;
    }

    /// <param name="here">The model that was waited for; null where none was found.</param>
    /// <returns>Whether a cloud was thought of that may answer in its place.</returns>
    private bool Elsewhere(Exchange exchange, Inquiry inquiry, ServedModel? here)
    {
        if (inquiry.StandIn is not { } names) return false;
        (inquiry.StandIn, inquiry.Wait) = (null, null);
        standIns.Take(exchange, names, here);
        return true;
    }

    /// <summary>Another model that its name stands for could answer at once. A cloud's could, too, but costs: it is asked when its turn comes, and not for a wait that may be short.</summary>
    private bool OtherIsReady(Exchange exchange, FleetSnapshot snapshot, HelixConfig now)
    {
        foreach (var name in exchange.OtherNames)
            if (Routing.Choose(snapshot, exchange.Facts with { Model = name }, exchange.Route.Needs, now.Builtin.Model) is ModelChoice.Send send
                && offers.Unknown(send.Model, exchange.Route, exchange.Facts.Asked, exchange.Speaks) is null) return !send.IsCloud;
        return false;
    }

    /// <summary>Waits until the fleet has noticed, too: one that has just died seems to be ready for some milliseconds more, and would be tried in vain.</summary>
    private async Task<WaitEnd> NoticedAsync(ModelWait wait, Exchange exchange, FleetSnapshot before, ServedModel model, Backend backend, AttemptEnd end)
    {
        var (began, version, life) = (time.GetTimestamp(), before.Version, LifeOf(before));
        while (true)
        {
            var ended = await wait.BreathAsync(exchange, version, $"{model.Id} is not there at this moment");
            var now = fleet.Current;
            if (ended != WaitEnd.Changed || end is not (AttemptEnd.Died or AttemptEnd.DiedAlone) || life is null || LifeOf(now) != life || time.GetElapsedTime(began) >= s_notice) return ended;
            version = now.Version;
        }

        (int?, ProviderState)? LifeOf(FleetSnapshot snapshot) => snapshot.Instances.FirstOrDefault(instance => instance.Name == backend.Instance) is { } its ? (its.Pid, its.State) : null;
    }

    /// <summary>What was killed by somebody did not die of the request.</summary>
    private int BlameOf(List<(string Instance, int Blame)> deaths)
    {
        var instances = fleet.Current.Instances;
        return deaths.Sum(death => instances.FirstOrDefault(instance => instance.Name == death.Instance)?.Diagnosis?.Code == HealingTable.Killed ? 0 : death.Blame);
    }

    /// <param name="waited">How long it was waited for already.</param>
    private int UntilReady(ServedModel model, string? provider, TimeSpan waited)
    {
        var instances = fleet.Current.Instances;
        var its = instances.FirstOrDefault(instance => instance.Model == model.Id && instance.Provider == (provider ?? model.Seats.FirstOrDefault()?.Provider));
        return ReturnTime.UntilReady(its, instances.Select(instance => counters.Of(instance.Name).UntilNextEnd).OfType<TimeSpan>(), waited, time.GetUtcNow());
    }
}
