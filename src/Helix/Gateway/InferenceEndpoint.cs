using System.Runtime.CompilerServices;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Fleet;
using Helix.Gateway.Lane;
using Microsoft.AspNetCore.Http.Features;

namespace Helix.Gateway;

/// <summary>Takes a request to a model that can answer it, waiting and trying again where that helps.</summary>
internal sealed partial class InferenceEndpoint(IFleetView fleet, Backends backends, Admission admission, AnswerCache cache, Aliases aliases, ShadowQueue shadows, Hedge hedge, StandIns standIns, Offers offers, GatewayCounters counters, WallClock clock, Accounts accounts, CaptureQueue captures, Func<HelixConfig> config, TimeProvider time)
{
    /// <summary>How many bodies of the largest size may be held in memory together.</summary>
    private const int BodiesAtOnce = 16;

    private readonly BodyRoom _bodies = new();
    private readonly RequestReader _reader = new(fleet, aliases, config);
    private Func<Exchange, Task>? _ask;

    /// <param name="key">Name of the key that the request came with; empty for none.</param>
    /// <remarks>One method for all of it: each that waits for another costs as much as what it does.</remarks>
    [AsyncMethodBuilder(typeof(ReusedTaskBuilder))]
    public async ValueTask ServeAsync(HttpContext context, InferenceRoute route, string key, Dialect dialect)
    {
        counters.Begin();
        var failed = true;
        RequestBody? body = null;
        try
        {
            var limit = (long)config().Gateway.MaxBodyMegabytes << 20;
            var (form, bad) = Announced(context, route, limit);
            try
            {
                if (bad is null && (body = await RequestBody.ReadAsync(context, _bodies, limit * BodiesAtOnce, form)) is null) bad = EngineErrors.TooManyBodies;
            }
            catch (BadHttpRequestException wrong)
            {
                bad = wrong.StatusCode == 413 ? EngineErrors.TooLarge(limit) : new GatewayError(wrong.StatusCode, "bad_request", $"The body could not be read: {wrong.Message}");
            }

            if (body is null)
            {
                await RefuseAsync(context, route, key, dialect, bad!);
                return;
            }

            switch (_reader.Read(dialect, route, body.Bytes, form, context.Request.Headers))
            {
                case { Error: { } error, Route: var where }:
                    await RefuseAsync(context, where, key, dialect, error);
                    break;
                case { Loads: { } name, Unloads: var unloads }:
                    failed = await LoadAsync(context, route, key, dialect, name, unloads);
                    break;
                case var read:
                    if (Begin(context, key, dialect, read, out var wish, out var odd) is not { } exchange)
                    {
                        await RefuseAsync(context, read.Route, key, dialect, odd!);
                        break;
                    }

                    try
                    {
                        if (cache.AnswerAsync(exchange, wish!, _ask ??= AnswerAsync) is { } told) await told;
                        else
                        {
                            // as AnswerAsync does, at the moment at which it came
                            var way = Look(exchange, standIns.Of(exchange), exchange.Began);
                            if (await AskAsync(exchange, way, out var race) is not AttemptEnd.Settled and var end) await GoOnAsync(exchange, way, race, end);
                        }

                        failed = exchange.Failed;
                    }
                    finally
                    {
                        End(exchange);
                        shadows.End(exchange);
                    }

                    break;
            }
        }
        finally
        {
            body?.Dispose();
            counters.End(failed);
        }
    }

    /// <summary>What can be said of a body before any of it is read.</summary>
    /// <param name="limit">Bytes that it may have.</param>
    private static (FormPeek? Form, GatewayError? Bad) Announced(HttpContext context, InferenceRoute route, long limit)
    {
        if (context.Request.ContentLength > limit) return (null, EngineErrors.TooLarge(limit));
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature) feature.MaxRequestBodySize = limit;
        return route.TakesForm ? FormPeek.Of(context.Request.ContentType) : default;
    }

    /// <summary>Notes what its client says in headers, and who listens to it.</summary>
    /// <param name="wish">About answers from memory.</param>
    /// <param name="odd">What is wrong with those headers.</param>
    /// <returns>Null where something is.</returns>
    private Exchange? Begin(HttpContext context, string key, Dialect dialect, in ReadRequest read, out CacheWish? wish, out GatewayError? odd)
    {
        var headers = context.Request.Headers;
        if (read.Other is { Dropped: { IsEmpty: false } dropped }) context.Response.Headers[Exchange.DroppedHeader] = HeaderWords.Names(dropped);
        (var wishes, odd) = RequestReader.WishesOf(headers, config().Gateway.ContinueStreams);
        wish = odd is null ? AnswerCache.WishOf(headers) : null;
        if (odd is null && wish is null) odd = RequestWishes.Bad(CacheWish.Header, CacheWish.Words);
        if (odd is not null) return null;
        var exchange = new Exchange(context, key, read.Route, dialect, read.Body, read.Facts!, wishes, time) { Other = read.Other };
        aliases.Name(exchange);
        captures.Begin(exchange);
        shadows.Begin(exchange);
        return exchange;
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
        var ended = exchange.Ended;
        exchange.Place?.Leave(exchange.Work, exchange is { IsComplete: true, Failed: false } ? counters.At(ended) : null);
        // another request may have it from here on
        exchange.Place = null;
        var account = exchange.Account(ended, clock);
        accounts.Add(account);
        captures.End(exchange, account);
    }

    /// <returns>Whether it ended with an error.</returns>
    private async ValueTask<bool> LoadAsync(HttpContext context, InferenceRoute route, string key, Dialect dialect, string name, bool unloads)
    {
        switch (Routing.Choose(fleet.Current, BodyFacts.Naming(aliases.First(name)!), ModelAbilities.None, config().Builtin.Model))
        {
            case ModelChoice.Refuse(var error, _):
                await RefuseAsync(context, route, key, dialect, error);
                return true;
            // helix itself sees to it that what is not needed makes room
            case ModelChoice.Send(var model, var provider) when !unloads: fleet.Want(model.Id, provider); break;
            case ModelChoice.Wait(var model, _, var provider) when !unloads: fleet.Want(model.Id, provider); break;
        }

        context.Response.ContentType = "application/json";
        await context.Response.BodyWriter.WriteAsync(dialect.Loaded(name, unloads, time.GetUtcNow()));
        return false;
    }

    private Task RefuseAsync(HttpContext context, InferenceRoute route, string key, Dialect dialect, GatewayError error)
    {
        var outcome = error.Status < StatusCodes.Status500InternalServerError ? RequestOutcome.Refused : RequestOutcome.Failed;
        accounts.Add(new(time.GetUtcNow(), key, "", "", outcome, default, false, null, TimeSpan.Zero, 0)
        {
            Operation = dialect.Operation ?? route.Operation,
            Dialect = dialect.Kind,
            Status = error.Status,
            TraceParent = context.Request.Headers.TraceParent,
        });
        return ErrorResponse.WriteAsync(context, error, dialect);
    }
}
