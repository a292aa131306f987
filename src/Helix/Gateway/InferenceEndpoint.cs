using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Core.Healing;
using Helix.Fleet;
using Microsoft.AspNetCore.Http.Features;

namespace Helix.Gateway;

/// <summary>Takes a request to a model that can answer it, waiting and trying again where that helps.</summary>
internal sealed class InferenceEndpoint(IFleetView fleet, Backends backends, Admission admission, AnswerCache cache, Aliases aliases, ShadowQueue shadows, Hedge hedge, StandIns standIns, Offers offers, GatewayCounters counters, Accounts accounts, CaptureQueue captures, Func<HelixConfig> config, TimeProvider time)
{
    /// <summary>How many bodies of the largest size may be held in memory together.</summary>
    private const int BodiesAtOnce = 16;

    /// <summary>
    /// An engine that dies on a request may die of it. One that answered this request alone is half of a proof; where it answered others too, any
    /// of them may have been it, and whatever struck from outside struck all of them.
    /// </summary>
    private const int MostBlame = 4;

    /// <summary>For so long the fleet is waited for; an engine that only closed the connection lives on, and is asked again.</summary>
    private static readonly TimeSpan s_notice = TimeSpan.FromSeconds(1);

    private readonly BodyRoom _bodies = new();
    private readonly RequestReader _reader = new(fleet, aliases, config);
    private Func<Exchange, Task>? _ask;

    /// <param name="key">Name of the key that the request came with; empty for none.</param>
    public async Task ServeAsync(HttpContext context, InferenceRoute route, string key, Dialect dialect)
    {
        counters.Begin();
        var failed = true;
        try
        {
            failed = await TakeAsync(context, route, key, dialect);
        }
        finally
        {
            counters.End(failed);
        }
    }

    /// <returns>Whether it ended with an error.</returns>
    private async ValueTask<bool> TakeAsync(HttpContext context, InferenceRoute route, string key, Dialect dialect)
    {
        var limit = (long)config().Gateway.MaxBodyMegabytes << 20;
        if (context.Request.ContentLength > limit) return await RefuseAsync(context, route, key, dialect, EngineErrors.TooLarge(limit));
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature) feature.MaxRequestBodySize = limit;

        var (form, unbound) = route.TakesForm ? FormPeek.Of(context.Request.ContentType) : default;
        if (unbound is not null) return await RefuseAsync(context, route, key, dialect, unbound);
        RequestBody? body;
        try
        {
            body = await RequestBody.ReadAsync(context, _bodies, limit * BodiesAtOnce, form);
        }
        catch (BadHttpRequestException bad)
        {
            return await RefuseAsync(context, route, key, dialect, bad.StatusCode == 413 ? EngineErrors.TooLarge(limit) : new GatewayError(bad.StatusCode, "bad_request", $"The body could not be read: {bad.Message}"));
        }

        if (body is null) return await RefuseAsync(context, route, key, dialect, EngineErrors.TooManyBodies);
        using (body)
        {
            switch (_reader.Read(dialect, route, body.Bytes, form, context.Request.Headers))
            {
                case ReadRequest.Bad(var error, var where): return await RefuseAsync(context, where, key, dialect, error);
                case ReadRequest.Loads(var name, var unloads): return await LoadAsync(context, route, key, dialect, name, unloads);
                case ReadRequest.Good read:
                    if (!read.Dropped.IsEmpty) context.Response.Headers[Exchange.DroppedHeader] = HeaderWords.Names(read.Dropped);
                    var (wishes, odd) = RequestReader.WishesOf(context.Request.Headers, config().Gateway.ContinueStreams);
                    if (odd is not null) return await RefuseAsync(context, read.Route, key, dialect, odd);
                    if (AnswerCache.WishOf(context.Request.Headers) is not { } wish) return await RefuseAsync(context, read.Route, key, dialect, RequestWishes.Bad(CacheWish.Header, CacheWish.Words));
                    var exchange = new Exchange(context, key, read.Route, dialect, read.Body, read.Facts, wishes, time) { Own = read.Own, Fault = read.Fault, Dropped = read.Dropped };
                    aliases.Name(exchange);
                    captures.Begin(exchange);
                    shadows.Begin(exchange);
                    try
                    {
                        await cache.AnswerAsync(exchange, wish, _ask ??= AnswerAsync);
                        return exchange.Failed;
                    }
                    finally
                    {
                        End(exchange);
                        shadows.End(exchange);
                    }

                default: return true;
            }
        }
    }

    /// <summary>Asks a model what no client asks of it; no memory is looked through for it.</summary>
    /// <param name="heard">Takes what is answered.</param>
    /// <returns>Null where nobody was asked.</returns>
    public async Task<OwnAnswer?> AskByItselfAsync(OwnRequest request, Stream heard, CancellationToken cancellationToken)
    {
        // nobody pays for what nobody asks for
        if (Routing.Choose(fleet.Current, request.Facts with { Model = request.Model }, request.Route.Needs, config().Builtin.Model).IsCloud) return null;
        var context = new DefaultHttpContext { RequestAborted = cancellationToken, TraceIdentifier = request.Key.Trim('(', ')') };
        context.Response.Body = heard;
        var exchange = new Exchange(context, request.Key, request.Route, OpenAiDialect.Instance, request.Body, request.Facts, RequestWishes.None with { Priority = request.Priority }, time) { Compared = request.IsCompared ? new AnswerText(request.Facts.Stream) : null };
        exchange.StandsFor([request.Model]);
        try
        {
            await AnswerAsync(exchange);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // helix ends, or nobody needs it any more
        }
        finally
        {
            End(exchange);
        }

        return exchange is { IsComplete: true, Failed: false } ? new OwnAnswer(context.Response.Headers["x-helix-provider"].ToString(), exchange.Compared?.Said()) : new OwnAnswer(null, null);
    }

    private void End(Exchange exchange)
    {
        exchange.Place?.Leave(exchange.Work, exchange is { IsComplete: true, Failed: false });
        var account = exchange.Account();
        accounts.Add(account);
        captures.End(exchange, account);
    }

    /// <summary>Asks for the model that the request names; where its name stands for several, until one of them answers.</summary>
    private async Task AnswerAsync(Exchange exchange)
    {
        Unanswered? told = null;
        List<(string Instance, int Blame)> deaths = [];
        while (await AskAsync(exchange, deaths) is { } unanswered)
        {
            // that one of several is not there at all says less than why another did not answer
            if (told is null or { Error.Status: StatusCodes.Status404NotFound }) told = unanswered;
            if (exchange.NextName()) continue;
            await (told.Refusal is { } refusal ? exchange.RefuseAsync(refusal) : exchange.FailAsync(told.Error!));
            return;
        }
    }

    /// <summary>Why nobody has answered; the client was told nothing of it.</summary>
    private sealed record Unanswered(GatewayError? Error, HeldRefusal? Refusal = null);

    /// <returns>Null where the client has its answer or its error, or has left.</returns>
    /// <param name="deaths">Engines that died on it, whatever model it was asked of.</param>
    private async Task<Unanswered?> AskAsync(Exchange exchange, List<(string Instance, int Blame)> deaths)
    {
        ModelWait? wait = null;
        (FleetSnapshot Before, Backend Backend, AttemptEnd End)? last = null;
        var standIn = standIns.Of(exchange);
        while (true)
        {
            var now = config();
            var snapshot = fleet.Current;
            var choice = Routing.Choose(snapshot, exchange.Wanted, exchange.Route.Needs, now.Builtin.Model);
            if (exchange.IsElsewhere && !choice.IsCloud)
            {
                // it was there a moment ago
                Home();
                continue;
            }

            if (choice.Failed is { } unserved) exchange.NoteFailed(unserved);
            // what it says is known only to a cloud that speaks as its client does
            if (exchange.Fault is { } fault && choice.Found is { SpeaksMessages: false }) return new(fault);
            switch (choice)
            {
                case ModelChoice.Refuse(var error, var next):
                    if (!exchange.HasNextName && error.Status != StatusCodes.Status400BadRequest && Elsewhere(null)) continue;
                    return new(next is { } moment ? error with { RetryAfter = ReturnTime.Until(moment, time.GetUtcNow()) } : offers.With(error, exchange.Route));

                case ModelChoice.Wait(var model, var progress, var provider):
                    exchange.Model = model.Id;
                    fleet.Want(model.Id, provider);
                    if (PutOff(snapshot, now)) continue;
                    if (standIn is not null && UntilReady(model, provider, TimeSpan.Zero) > now.Cloud.AfterSeconds && Elsewhere(model)) continue;
                    if (await Wait(now).UntilChangedAsync(exchange, snapshot.Version, progress) is not WaitEnd.Changed and var over)
                    {
                        if (over == WaitEnd.TooLate && Elsewhere(model)) continue;
                        return new(EngineErrors.NotReady(over, model.Id, progress, Wait(now).Deadline, UntilReady(model, provider, TimeSpan.FromSeconds(now.Gateway.ModelDeadline))));
                    }

                    continue;

                case ModelChoice.Send(var model, var provider):
                    // what always says the same is no answer that anybody waits for
                    if (model.IsSelfTest && Elsewhere(null)) continue;
                    if (choice.IsCloud && exchange.IsCount)
                    {
                        await exchange.EstimateAsync(model, model.Backends[0]);
                        return null;
                    }

                    // it goes on with nobody's answer, and is paid once
                    if (choice.IsCloud && (exchange.Answering || exchange.HadAtCloud(model))) return new(exchange.Answering ? EngineErrors.DiedWhileAnswering : exchange.CloudError ?? EngineErrors.Gone(model.Id));
                    if (exchange.Fit(model) is not { } fit)
                    {
                        // who could go on with the answer is not there at this moment
                        if (await Wait(now).UntilChangedAsync(exchange, snapshot.Version, $"no engine of {model.Id} that goes on from what was said is ready") is not WaitEnd.Changed) return new(EngineErrors.NobodyGoesOn);
                        continue;
                    }

                    if (offers.Unknown(fit, exchange.Route, exchange.Facts.Asked, exchange.Speaks) is { } unknown)
                    {
                        exchange.Model = model.Id;
                        if (unknown.IsAwaited && PutOff(snapshot, now)) continue;
                        // an engine that knows it is on its way, and will be one of the model's
                        if (unknown.IsAwaited && provider is null && await Wait(now).UntilChangedAsync(exchange, snapshot.Version, EngineErrors.UnknownAwaited(model.Id)) is WaitEnd.Changed) continue;
                        return new(exchange.Answering ? EngineErrors.NobodyGoesOn : unknown.Error);
                    }

                    model = fit;
                    if (exchange.Place is { } place && place.Model != model.Id)
                    {
                        place.Leave(0, isAnswered: false);
                        exchange.Place = null;
                    }

                    // what a cloud computes takes no place here
                    if (exchange.Place is null && !choice.IsCloud)
                    {
                        if (admission.Enter(exchange, model) is { } waits && await admission.WaitAsync(exchange, model, waits, Wait(now)) is { } refused)
                        {
                            exchange.Model = model.Id;
                            if (!exchange.HasNextName && Elsewhere(model)) continue;
                            return new(refused);
                        }

                        // who waited may find another fleet
                        if (fleet.Current.Version != snapshot.Version) continue;
                    }

                    if (backends.Take(model, exchange) is not { } chosen)
                    {
                        // all that can go on have failed before: since then the fleet has changed, or has yet to notice
                        if (last is { } failed && await NoticedAsync(Wait(now), exchange, failed.Before, model, failed.Backend, failed.End) is not WaitEnd.Changed and var late)
                            return new(exchange.Answering ? EngineErrors.NobodyGoesOn : EngineErrors.NotReady(late, model.Id, "its engine takes no connections", Wait(now).Deadline, UntilReady(model, provider, TimeSpan.FromSeconds(now.Gateway.ModelDeadline))));
                        last = null;
                        exchange.Tried.Clear();
                        continue;
                    }

                    // the model that was asked for is still there to be waited for
                    if (exchange.IsElsewhere) chosen = chosen with { HasOthers = true, IsStandIn = true };
                    exchange.NoteTry(model, chosen);
                    var (end, asked, other) = hedge.LateFor(exchange, model, chosen) is { } after ? await hedge.RunAsync(exchange, model, chosen, after) : (await hedge.RunAsync(exchange, model, chosen), chosen, default(AttemptEnd?));
                    if (other is { } before) Blame(deaths, chosen, before);
                    chosen = asked;
                    var backend = chosen.Backend;
                    if (end == AttemptEnd.Settled) return null;
                    if (exchange.IsTooLate)
                    {
                        // nobody else can be in time either
                        await exchange.FailAsync(EngineErrors.TooLate);
                        return null;
                    }

                    if (exchange.IsElsewhere)
                    {
                        Home();
                        continue;
                    }

                    exchange.Tried.Add(backend.Instance);
                    Blame(deaths, chosen, end);
                    if (deaths.Count > 0 && Blame(deaths) >= MostBlame)
                    {
                        // nobody else is to die of it
                        await exchange.FailAsync(EngineErrors.DiedAgain);
                        return null;
                    }

                    last = (snapshot, backend, end);
                    if (chosen.HasOthers && (end != AttemptEnd.Refused || counters.GrantsRetry())) continue;
                    if (exchange.Held is { } refusal) return new(null, refusal);
                    if (choice.IsCloud) return new(exchange.CloudError ?? EngineErrors.Gone(model.Id));
                    if (exchange.HasNextName) return new(EngineErrors.Gone(model.Id));
                    fleet.Want(model.Id, provider);
                    if (await NoticedAsync(Wait(now), exchange, snapshot, model, backend, end) is not WaitEnd.Changed and var ended)
                    {
                        if (ended == WaitEnd.TooLate && Elsewhere(model)) continue;
                        return new(EngineErrors.NotReady(ended, model.Id, "its engine takes no connections", Wait(now).Deadline, UntilReady(model, provider, TimeSpan.FromSeconds(now.Gateway.ModelDeadline))));
                    }

                    last = null;
                    exchange.Tried.Clear();
                    continue;
            }
        }

        ModelWait Wait(HelixConfig now) => wait ??= new ModelWait(fleet, time, Deadline(now));

        TimeSpan Deadline(HelixConfig now)
        {
            var whole = exchange.Patience is { } patience && patience.TotalSeconds < now.Gateway.ModelDeadline ? TimeSpan.FromTicks(Math.Max(0, patience.Ticks)) : TimeSpan.FromSeconds(now.Gateway.ModelDeadline);
            return standIn is not null && now.Cloud.AfterSeconds is { } after && after < whole.TotalSeconds ? TimeSpan.FromSeconds(after) : whole;
        }

        bool PutOff(FleetSnapshot snapshot, HelixConfig now)
        {
            if (!OtherIsReady(exchange, snapshot, now) || !exchange.NextName(isPutOff: true)) return false;
            (wait, standIn) = (null, standIns.Of(exchange));
            return true;
        }

        bool Elsewhere(ServedModel? here)
        {
            if (standIn is not { } names) return false;
            (standIn, wait) = (null, null);
            standIns.Take(exchange, names, here);
            return true;
        }

        // the cloud did not take it: what was asked for is waited for, as if there were none
        void Home()
        {
            exchange.ComeBack();
            wait = null;
        }
    }

    /// <summary>Another model that its name stands for could answer at once. A cloud's could, too, but costs: it is asked when its turn comes, and not for a wait that may be short.</summary>
    private bool OtherIsReady(Exchange exchange, FleetSnapshot snapshot, HelixConfig now)
    {
        foreach (var name in exchange.OtherNames)
            if (Routing.Choose(snapshot, exchange.Facts with { Model = name }, exchange.Route.Needs, now.Builtin.Model) is ModelChoice.Send send
                && offers.Unknown(send.Model, exchange.Route, exchange.Facts.Asked, exchange.Speaks) is null) return !send.IsCloud;
        return false;
    }

    private async ValueTask<bool> LoadAsync(HttpContext context, InferenceRoute route, string key, Dialect dialect, string name, bool unloads)
    {
        switch (Routing.Choose(fleet.Current, BodyFacts.Naming(aliases.First(name)!), ModelAbilities.None, config().Builtin.Model))
        {
            case ModelChoice.Refuse(var error, _): return await RefuseAsync(context, route, key, dialect, error);
            // helix itself sees to it that what is not needed makes room
            case ModelChoice.Send(var model, var provider) when !unloads: fleet.Want(model.Id, provider); break;
            case ModelChoice.Wait(var model, _, var provider) when !unloads: fleet.Want(model.Id, provider); break;
        }

        context.Response.ContentType = "application/json";
        await context.Response.BodyWriter.WriteAsync(dialect.Loaded(name, unloads, time.GetUtcNow()));
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

    private static void Blame(List<(string Instance, int Blame)> deaths, Chosen chosen, AttemptEnd end)
    {
        // no request kills a cloud
        if (end is AttemptEnd.DiedAlone or AttemptEnd.Died && chosen.Backend.Cloud is null) deaths.Add((chosen.Backend.Instance, end == AttemptEnd.DiedAlone ? MostBlame / 2 : 1));
    }

    /// <summary>What was killed by somebody did not die of the request.</summary>
    private int Blame(List<(string Instance, int Blame)> deaths)
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

    private async ValueTask<bool> RefuseAsync(HttpContext context, InferenceRoute route, string key, Dialect dialect, GatewayError error)
    {
        var outcome = error.Status < StatusCodes.Status500InternalServerError ? RequestOutcome.Refused : RequestOutcome.Failed;
        accounts.Add(new(time.GetUtcNow(), key, "", "", outcome, default, false, null, TimeSpan.Zero, 0)
        {
            Operation = dialect.Operation ?? route.Operation,
            Dialect = dialect.Kind,
            Status = error.Status,
            TraceParent = context.Request.Headers.TraceParent,
        });
        await ErrorResponse.WriteAsync(context, error, dialect);
        return true;
    }
}
