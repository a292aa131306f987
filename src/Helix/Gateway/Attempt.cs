using System.Globalization;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>How one try to get an answer ended.</summary>
internal enum AttemptEnd
{
    /// <summary>The client has its answer or its error, or has left.</summary>
    Settled,

    /// <summary>The engine takes no connections, or no requests yet.</summary>
    NotThere,

    /// <summary>The engine went away after it got the request and before the client got any content.</summary>
    Died,
}

/// <summary>Sends one request to one backend and passes the answer on as it comes.</summary>
internal sealed class Attempt(UpstreamPool upstream, GatewayCounters counters)
{
    private const int MaxErrorLength = 64 << 10;

    public async ValueTask<AttemptEnd> RunAsync(Exchange exchange, ServedModel model, Backend backend)
    {
        var traffic = counters.Of(backend.Instance);
        var among = traffic.Begin();
        try
        {
            while (await upstream.TakeAsync(backend.Endpoint) is { } connection)
            {
                var end = await OverAsync(connection, exchange, model, backend, traffic);
                if (end != AttemptEnd.Died) return end;
                upstream.Forget(backend.Endpoint);
                // an idle connection may have been closed long ago: that says nothing of the engine
                if (connection.IsReused) continue;
                traffic.NoteFault();
                return end;
            }

            return AttemptEnd.NotThere;
        }
        finally
        {
            traffic.End(exchange.Answering);
            if (exchange is { Answering: true, Failed: false }) traffic.Note(exchange.ShapeAmong(among));
        }
    }

    private async ValueTask<AttemptEnd> OverAsync(UpstreamConnection connection, Exchange exchange, ServedModel model, Backend backend, InstanceTraffic traffic)
    {
        var hangUp = exchange.ClientLeft.UnsafeRegister(static held => ((UpstreamConnection)held!).Dispose(), connection);
        try
        {
            await connection.SendAsync(exchange.Route, exchange.RequestId, backend.Key, exchange.Body, ModelSplice.For(exchange.Facts, backend.UpstreamModel));
            if (await connection.ReadHeadAsync() is not { } head) return exchange.ClientLeft.IsCancellationRequested ? AttemptEnd.Settled : AttemptEnd.Died;
            // it loads its model still, or it is being stopped: what would be asked of the client is done here
            if (head.Status == StatusCodes.Status503ServiceUnavailable) return head.RetryAfter is null ? AttemptEnd.Died : AttemptEnd.NotThere;
            return await RelayAsync(connection, head, exchange, model, backend, traffic);
        }
        finally
        {
            // not taken back while a client's leaving closes it
            if (hangUp.Unregister()) upstream.Return(connection);
            else connection.Dispose();
        }
    }

    private static async ValueTask<AttemptEnd> RelayAsync(
        UpstreamConnection connection, UpstreamHead head, Exchange exchange, ServedModel model, Backend backend, InstanceTraffic traffic)
    {
        if (head.Status >= 400 || (exchange.Opened && !head.IsEventStream)) return await RelayRefusalAsync(connection, Told(head, traffic), exchange, model, backend, traffic);

        var events = head.IsEventStream ? new HeldEvents() : null;
        var sawDone = false;
        while (true)
        {
            var part = await connection.ReadAsync();
            if (exchange.ClientLeft.IsCancellationRequested) return AttemptEnd.Settled;
            var content = events?.Push(part.Data) ?? part.Data;
            if (!content.IsEmpty)
            {
                if (!exchange.Answering) await BeginAsync(exchange, head, model, backend);
                if (!await exchange.AnswerAsync(content)) return AttemptEnd.Settled;
                traffic.NoteOutput();
                sawDone = content.Span.TrimEnd("\r\n"u8).EndsWith(SseEvents.Done);
            }

            var cutShort = part.Progress == BodyProgress.Complete && events is not null && head.Framing == BodyFraming.UntilClosed && !sawDone;
            if (part.Progress == BodyProgress.Died || cutShort || events is { IsOverfull: true })
            {
                if (!exchange.Answering) return AttemptEnd.Died;
                traffic.NoteFault();
                await exchange.FailAsync(EngineErrors.DiedWhileAnswering);
                return AttemptEnd.Settled;
            }

            if (part.Progress == BodyProgress.Complete)
            {
                if (!exchange.Answering) await BeginAsync(exchange, head, model, backend);
                if (events is { Rest.IsEmpty: false }) await exchange.AnswerAsync(events.Rest);
                return AttemptEnd.Settled;
            }
        }
    }

    /// <summary>An engine that has no place at this moment does not know when it will; what was seen of its answers tells.</summary>
    private static UpstreamHead Told(UpstreamHead head, InstanceTraffic traffic)
    {
        if (head.Status != StatusCodes.Status429TooManyRequests) return head;
        var own = int.TryParse(head.RetryAfter, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : 1;
        return head with { RetryAfter = Math.Max(own, ReturnTime.Whole(traffic.UntilNextEnd ?? TimeSpan.Zero)).ToString(CultureInfo.InvariantCulture) };
    }

    private static ValueTask BeginAsync(Exchange exchange, UpstreamHead head, ServedModel model, Backend backend)
    {
        exchange.Adopt(head);
        return exchange.NameBackendAsync(model, backend);
    }

    private static async ValueTask<AttemptEnd> RelayRefusalAsync(UpstreamConnection connection, UpstreamHead head, Exchange exchange, ServedModel model, Backend backend, InstanceTraffic traffic)
    {
        var refusal = new MemoryStream();
        while (true)
        {
            var part = await connection.ReadAsync();
            if (exchange.ClientLeft.IsCancellationRequested) return AttemptEnd.Settled;
            if (part.Progress == BodyProgress.Died || refusal.Length > MaxErrorLength) return AttemptEnd.Died;
            refusal.Write(part.Data.Span);
            if (part.Progress != BodyProgress.Complete) continue;
            if (head.Status >= StatusCodes.Status500InternalServerError) traffic.NoteFault();
            if (!exchange.Opened) await exchange.NameBackendAsync(model, backend);
            await exchange.RefuseAsync(head, refusal.GetBuffer().AsMemory(0, (int)refusal.Length));
            return AttemptEnd.Settled;
        }
    }
}
