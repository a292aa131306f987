using System.Globalization;
using System.Runtime.CompilerServices;
using Helix.Clouds;
using Helix.Core.Clouds;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Core.Tuning;
using Helix.Gateway.Lane;

namespace Helix.Gateway;

/// <summary>Sends one request to one backend and passes the answer on as it comes.</summary>
internal sealed partial class Attempt(UpstreamPool upstream, CloudToll toll, RefusedKeys keys, GatewayCounters counters, Func<HelixConfig> config, TimeProvider time)
{
    private const int MaxErrorLength = 64 << 10;

    /// <summary>Models think for long before they say anything, but not for ever.</summary>
    private static readonly TimeSpan s_cloudSilence = TimeSpan.FromMinutes(10);

    private readonly Func<bool> _grantsRetry = counters.GrantsRetry;

    /// <param name="race">With another try for the same answer; null where there is none.</param>
    public ValueTask<AttemptEnd> RunAsync(Exchange exchange, ServedModel model, Chosen chosen, Race? race = null)
    {
        var one = new Try(exchange, model, chosen, race);
        return one.Backend.Cloud is { } cloud ? PayAsync(one, cloud) : RunAsync(one);
    }

    /// <summary>Sends it only where what it may cost is left, and reckons afterwards.</summary>
    private async ValueTask<AttemptEnd> PayAsync(Try one, CloudTarget cloud)
    {
        var exchange = one.Exchange;
        try
        {
            var entry = await toll.EnterAsync(exchange, one.Backend, cloud);
            if (entry is CloudEntry.Refused(var error)) return CloudFailed(one, error, AttemptEnd.NotThere);
            var (stake, ask) = (CloudEntry.Paid)entry;
            one.Ask = ask;
            exchange.BeginPaying(ask);
            try
            {
                return await RunAsync(one);
            }
            finally
            {
                if (one.TakesKey is { } takesKey) keys.Note(cloud.Id, cloud.Key, !takesKey);
                exchange.EndPaying(toll.Settle(stake, one is { WasSent: true, WasRefused: false }, one.WasWhole ? exchange.Told : null));
            }
        }
        finally
        {
            End(one);
        }
    }

    /// <remarks>All that goes over a connection is done here: each method that waits for another costs as much as what it does.</remarks>
    [AsyncMethodBuilder(typeof(ReusedTaskBuilder<>))]
    private async ValueTask<AttemptEnd> RunAsync(Try one)
    {
        try
        {
            var (wasStale, line) = (false, default(UpstreamLine));
            while ((line = await upstream.TakeAsync(one.Backend, one.Exchange.ClientLeft)).Connection is { } connection)
            {
                var (end, isReused) = (default(AttemptEnd), connection.IsReused);
                one.Race?.Enter(one, connection);
                var hangUp = one.Exchange.ClientLeft.UnsafeRegister(static held => ((UpstreamConnection)held!).Dispose(), connection);
                var watch = WatchOf(connection, one);
                try
                {
                    await SendAsync(connection, one);
                    UpstreamHead? head;
                    while (!connection.TryReadHead(out head))
                    {
                        int count;
                        try
                        {
                            count = await connection.ReceiveAsync();
                        }
                        catch (Exception gone) when (UpstreamConnection.IsBreak(gone))
                        {
                            count = -1;
                        }

                        connection.Arrived(count);
                    }

                    end = head is not null ? await RelayAsync(connection, head, one, watch)
                        : one.Exchange.ClientLeft.IsCancellationRequested ? AttemptEnd.Settled : Lost(watch, one);
                }
                finally
                {
                    connection.GiveBack();
                    // not taken back while a client's leaving, or the watch, closes it
                    if (hangUp.Unregister() & watch?.End() != false & one.Race?.Leave(one) != false) upstream.Return(connection);
                    else connection.Dispose();
                    watch?.Dispose();
                }

                if (OverWith(one, end, mayBeStale: isReused && !wasStale) is { } over) return over;
                wasStale = true;
            }

            return NobodyTook(one, wasStale, line.Trouble);
        }
        finally
        {
            // what is paid ends once it was reckoned
            if (one.Backend.Cloud is null) End(one);
        }
    }

    private static ValueTask SendAsync(UpstreamConnection connection, Try one)
    {
        one.WasSent = true;
        var (body, facts) = one.Exchange.AskOf(one.Backend);
        var (sent, splice) = one.Ask is { } ask ? (ask.Body, ask.Splice) : (body, ModelSplice.For(facts, one.Backend.UpstreamModel));
        return connection.SendAsync(one.Backend, one.Exchange.Route, one.Exchange.RequestId, sent, splice, facts.ContentType, one.Ask?.Betas);
    }

    /// <param name="mayBeStale">It went over a connection that was idle before, and over no other such one.</param>
    /// <returns>Null where it is sent once more, over another connection.</returns>
    private AttemptEnd? OverWith(Try one, AttemptEnd end, bool mayBeStale)
    {
        if (end == AttemptEnd.TooSlow && !one.HasOthers && one.Backend.Cloud is { } silent) return CloudFailed(one, CloudErrors.Silent(silent), end);
        if (end is not (AttemptEnd.Died or AttemptEnd.BrokeOff)) return end;
        upstream.Forget(one.Backend.Endpoint);
        if (end == AttemptEnd.BrokeOff) return Died(one);
        // an idle connection may have been closed long ago: that says nothing of the engine
        if (one.Backend.Cloud is null && mayBeStale) return null;
        one.Traffic.NoteFault(one.Flight);
        return one.Backend.Cloud is { } asked ? CloudFailed(one, CloudErrors.BrokeOff(asked), Died(one)) : Died(one);
    }

    /// <param name="trouble">Why a cloud cannot be reached.</param>
    private static AttemptEnd NobodyTook(Try one, bool wasStale, string? trouble)
    {
        if (one.Exchange.ClientLeft.IsCancellationRequested) return AttemptEnd.Settled;
        one.Traffic.NoteRefusal(one.Flight);
        if (wasStale) return Died(one);
        one.Traffic.NoteGone();
        return one.Backend.Cloud is { } cloud ? CloudFailed(one, CloudErrors.Unreachable(cloud, trouble ?? ""), AttemptEnd.NotThere) : AttemptEnd.NotThere;
    }

    private static AttemptEnd Died(Try one)
    {
        one.Traffic.NoteGone();
        return one.Flight.Among == 1 ? AttemptEnd.DiedAlone : AttemptEnd.Died;
    }

    private void End(Try one)
    {
        var exchange = one.Exchange;
        // of the rest of an answer nobody learns how long a whole one takes, and what is not counted in tokens tells nothing of how fast they come
        RequestShape? shape = exchange is { IsComplete: true, Failed: false, IsGiven: false, Route.Kind: not RouteKind.Media } && !one.IsOvertaken ? exchange.ShapeAmong(one.Flight.Among + (exchange.Place?.Waiting ?? 0)) : null;
        one.Traffic.End(one.Flight, one.Backend, shape, exchange.Told, exchange.IsStream, counters.At(exchange.Ended), counters.OfModel(one.Model.Id));
    }

    /// <summary>Nothing brings a cloud back but time, and each time that it is asked may cost: it is not waited for, and why is told where nobody else answers.</summary>
    private static AttemptEnd CloudFailed(Try one, GatewayError error, AttemptEnd end)
    {
        one.Exchange.CloudError = error;
        return end;
    }

    /// <summary>Only a stream of text shows whether it goes on. A cloud is not waited for without end, and nobody is beyond the client's own deadline.</summary>
    private AttemptWatch? WatchOf(UpstreamConnection connection, Try one)
    {
        var (isStream, isCloud) = (one.Exchange is { Facts.Stream: true, Route.Kind: not RouteKind.Media }, one.Backend.Cloud is not null);
        var deadline = one.Exchange.UntilDeadline is { } left ? left > TimeSpan.Zero ? left : TimeSpan.Zero : Timeout.InfiniteTimeSpan;
        if (!isStream && !isCloud && deadline == Timeout.InfiniteTimeSpan) return null;
        var gateway = config().Gateway;
        var stall = isStream ? Limit(gateway.StallDeadline) : Timeout.InfiniteTimeSpan;
        var start = one.Exchange.Answering ? stall : one.HasOthers && isStream ? Limit(gateway.FirstTokenDeadline) : Timeout.InfiniteTimeSpan;
        if (isCloud && start == Timeout.InfiniteTimeSpan) start = s_cloudSilence;
        return start == Timeout.InfiniteTimeSpan && stall == start && deadline == start ? null : new(connection, start, stall, deadline, one.Exchange.Answering || (isCloud && !one.HasOthers) ? static () => true : _grantsRetry, time);

        static TimeSpan Limit(int seconds) => seconds == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(seconds);
    }

    /// <summary>Before the client got any content.</summary>
    private static AttemptEnd Lost(AttemptWatch? watch, Try one)
    {
        if (one.IsOvertaken) return AttemptEnd.Overtaken;
        if (watch is not { HasFired: true }) return AttemptEnd.Died;
        // it says nothing of the engine that a client has no time
        if (!one.Exchange.IsTooLate) one.Traffic.NoteFault(one.Flight);
        return AttemptEnd.TooSlow;
    }

    [AsyncMethodBuilder(typeof(ReusedTaskBuilder<>))]
    private static async ValueTask<AttemptEnd> RelayAsync(UpstreamConnection connection, UpstreamHead head, Try one, AttemptWatch? watch)
    {
        // an engine of helix's own loads its model still, or is being stopped: what would be asked of the client is done here
        if (head.Status == StatusCodes.Status503ServiceUnavailable && !one.Backend.IsAttached)
        {
            one.Traffic.NoteRefusal(one.Flight);
            return AttemptEnd.NotThere;
        }

        var exchange = one.Exchange;
        if (one.Backend.Cloud is { } cloud && head.Status is >= 300 and < 400) return await RefuseAsync(head, CloudRefusal.Moved(cloud), one);
        one.WasRefused = Refusal.IsFree(head.Status);
        if (head.Status < 300) one.TakesKey = true;
        if (head.Status >= 400 || (exchange.Opened && !head.IsEventStream && (!exchange.IsTranslated || exchange.MustStream))) return await RelayRefusalAsync(connection, Told(head, one.Traffic), default, one, watch);

        var events = head.IsEventStream ? new HeldEvents() : null;
        var words = one.Words = one.Ask?.Hear(head.IsEventStream, exchange.Now);
        exchange.Hear(words);
        var startup = new HeldStartup();
        var (begun, sawDone) = (false, false);
        while (true)
        {
            BodyPart part;
            while (!connection.TryRead(out part))
            {
                int count;
                try
                {
                    count = await connection.ReceiveAsync();
                }
                catch (Exception gone) when (UpstreamConnection.IsBreak(gone))
                {
                    count = -1;
                }

                connection.Arrived(count);
            }

            if (exchange.ClientLeft.IsCancellationRequested) return AttemptEnd.Settled;
            if (one.IsOvertaken) return AttemptEnd.Overtaken;
            // one moment for all that is done with this part, unless its client has to be waited for
            var now = exchange.Timestamp;
            var isOver = part.Progress == BodyProgress.Complete;
            var content = events?.Push(part.Data) ?? part.Data;
            if (words is not null)
            {
                content = words.Push(isOver && events is not null ? Joined(content, events.Rest) : content, isOver);
                if (!begun && content.IsEmpty && words.Failure is { } early) return await RefuseAsync(head with { Status = Refusal.StatusOf(early) }, early, one);
                // it says nothing yet, but that it is there
                if (begun && content.IsEmpty && !part.Data.IsEmpty) watch?.NoteContent(now);
                head = words.HeadOf(head, content.Length);
            }

            if (!content.IsEmpty && !begun)
            {
                switch (events is not null ? startup.Push(content, isOver || !one.HasOthers, out content) : Refusal.BeginsLikeOne(content.Span) ? EventKind.Error : EventKind.Content)
                {
                    case EventKind.Error when events is null:
                        return await RelayRefusalAsync(connection, head, content, one, watch);
                    case EventKind.Error: return await RefuseAsync(head with { Status = Refusal.StatusOf(content) }, content, one);
                }
            }

            if (!content.IsEmpty)
            {
                if (!begun)
                {
                    if (one.Race?.Wins(one) == false) return AttemptEnd.Overtaken;
                    await BeginAsync(exchange, head, one, now);
                }

                begun = true;
                watch?.NoteContent(now);
                watch?.Pause();
                // a client may hang up as soon as it reads this
                sawDone = words?.IsWhole ?? content.Span.TrimEnd("\r\n"u8).EndsWith(SseEvents.Done);
                one.WasWhole = sawDone && (events is not null || words is not null);
                var telling = exchange.AnswerAsync(content, now);
                var isWaiting = !telling.IsCompleted;
                if (!await telling) return AttemptEnd.Settled;
                if (exchange.HeldFailure is { } failure) return await MoveOnAsync(head, failure, one);
                if (isWaiting) now = exchange.Timestamp;
                watch?.Resume(now);
                one.Traffic.NoteOutput(now);
            }

            if (words?.Failure is { } broken) return await MoveOnAsync(head, broken, one);
            var cutShort = isOver && events is not null && (head.Framing == BodyFraming.UntilClosed || words is not null) && !sawDone;
            if (part.Progress == BodyProgress.Died || cutShort || events is { IsOverfull: true })
            {
                if (!exchange.Answering || one.IsOvertaken) return Lost(watch, one);
                one.Traffic.NoteFault(one.Flight);
                if (await exchange.EndsWellAsync()) return AttemptEnd.Settled;
                if (one.MayGoOn && exchange.GoesOn(one.Model)) return watch is { HasFired: true } ? AttemptEnd.TooSlow : AttemptEnd.BrokeOff;
                await exchange.FailAsync(watch is { HasFired: true } ? EngineErrors.Stalled : EngineErrors.DiedWhileAnswering);
                return AttemptEnd.Settled;
            }

            if (isOver)
            {
                if (!begun)
                {
                    if (one.Race?.Wins(one) == false) return AttemptEnd.Overtaken;
                    await BeginAsync(exchange, head, one, now);
                }

                if (!startup.Rest.IsEmpty && !await exchange.AnswerAsync(startup.Rest)) return AttemptEnd.Settled;
                if (words is null && events is { Rest.IsEmpty: false } && !await exchange.AnswerAsync(events.Rest)) return AttemptEnd.Settled;
                one.WasWhole = true;
                if (exchange.HeldFailure is { } failure) return await MoveOnAsync(head, failure, one);
                await exchange.CompleteAsync(now);
                return AttemptEnd.Settled;
            }
        }
    }

    /// <summary>In the middle of its answer the engine says that something went wrong; another may go on.</summary>
    private static async ValueTask<AttemptEnd> MoveOnAsync(UpstreamHead head, ReadOnlyMemory<byte> failure, Try one)
    {
        one.Traffic.NoteFault(one.Flight);
        head = head with { Status = Refusal.StatusOf(failure) };
        if (one.Backend.Cloud is { } cloud) (head, failure) = CloudRefusal.Told(cloud, head, one.Ask?.Retold(failure) ?? failure);
        var held = new HeldRefusal(head, failure, one.Model, one.Backend);
        if (one.Chosen.HasOthers && one.MayGoOn && one.Exchange.GoesOn(one.Model, but: one.Backend.Instance))
        {
            one.Exchange.Hold(held);
            return AttemptEnd.Refused;
        }

        await one.Exchange.RefuseAsync(held);
        return AttemptEnd.Settled;
    }

    private static ReadOnlyMemory<byte> Joined(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second) => second.IsEmpty ? first : (byte[])[.. first.Span, .. second.Span];

    /// <summary>An engine that has no place at this moment does not know when it will; what was seen of its answers tells.</summary>
    private static UpstreamHead Told(UpstreamHead head, InstanceTraffic traffic)
    {
        if (head.Status != StatusCodes.Status429TooManyRequests) return head;
        var own = int.TryParse(head.RetryAfter, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : 1;
        return head with { RetryAfter = Math.Max(own, ReturnTime.Whole(traffic.UntilNextEnd ?? TimeSpan.Zero)).ToString(CultureInfo.InvariantCulture) };
    }

    private static ValueTask BeginAsync(Exchange exchange, UpstreamHead head, Try one, long now)
    {
        one.Traffic.NoteFirst(one.Flight, one.Backend, exchange.Blocks ?? PromptBlocks.None, now);
        if (one.Race is not null) exchange.IsAnsweredBy(one.Chosen);
        exchange.Adopt(head);
        return exchange.NameBackendAsync(one.Model, one.Backend);
    }

    /// <param name="begun">What was read of it already.</param>
    private static async ValueTask<AttemptEnd> RelayRefusalAsync(UpstreamConnection connection, UpstreamHead head, ReadOnlyMemory<byte> begun, Try one, AttemptWatch? watch)
    {
        var words = new MemoryStream();
        words.Write(begun.Span);
        while (true)
        {
            var part = await connection.ReadAsync();
            if (one.Exchange.ClientLeft.IsCancellationRequested) return AttemptEnd.Settled;
            if (part.Progress == BodyProgress.Died || one.IsOvertaken) return Lost(watch, one);
            words.Write(part.Data.Span);
            // some repeat all that they refuse; the beginning says enough
            if (part.Progress != BodyProgress.Complete && words.Length <= MaxErrorLength) continue;
            var refusal = words.GetBuffer().AsMemory(0, (int)words.Length);
            return await RefuseAsync(begun.IsEmpty ? head : head with { Status = Refusal.StatusOf(refusal) }, refusal, one);
        }
    }

    private static async ValueTask<AttemptEnd> RefuseAsync(UpstreamHead head, ReadOnlyMemory<byte> refusal, Try one)
    {
        if (one.Backend.Cloud is { } cloud)
        {
            // what was begun may be charged, whatever went wrong with it
            one.WasRefused = Refusal.IsFree(head.Status) && one.Words is not { HasBegun: true };
            if (CloudRefusal.IsOfKey(head.Status, refusal.Span)) one.TakesKey = false;
            (head, refusal) = CloudRefusal.Told(cloud, head, one.Ask?.Retold(refusal) ?? refusal);
        }

        var held = new HeldRefusal(head, refusal.ToArray(), one.Model, one.Backend);
        // who cannot go on from what was said says so in many ways
        var maySucceed = one.Chosen.IsStandIn || one.Exchange.IsGiven || Refusal.MayPassElsewhere(head.Status);
        if (one.CountsRefusal(head.Status))
        {
            if (Refusal.IsFault(head.Status)) one.Traffic.NoteFault(one.Flight);
            else if (maySucceed) one.Traffic.NoteRefusal(one.Flight);
        }

        if (maySucceed && one.HasOthers)
        {
            one.Exchange.Hold(held);
            return AttemptEnd.Refused;
        }

        if (one.Race?.Wins(one) == false) return AttemptEnd.Overtaken;
        await one.Exchange.RefuseAsync(maySucceed ? one.Exchange.Held ?? held : held);
        return AttemptEnd.Settled;
    }
}
