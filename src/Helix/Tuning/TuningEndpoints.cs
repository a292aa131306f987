using System.Text.Json;
using System.Threading.Channels;
using Helix.Access;
using Helix.Configuration;
using Helix.Contracts;
using Helix.Core.Tuning;
using Helix.Fleet;
using Helix.Storage;

namespace Helix.Tuning;

/// <summary><c>GET /helix/v1/tuning</c>, <c>POST /helix/v1/tuning/run</c> (tries one change now) and <c>POST /helix/v1/diagnose</c>.</summary>
internal sealed class TuningEndpoints(TunerTools tools, TuningTable table, Tuner tuner, DemandWatch demand, Diagnosis diagnosis, MeasuringTurn turn, IConfigView config, TimeProvider time)
{
    private const int MaxBodyBytes = 1 << 12;
    private const int Hours = 24;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/helix/v1/tuning", ReportAsync);
        routes.MapPost("/helix/v1/tuning/run", RunAsync);
        routes.MapPost("/helix/v1/diagnose", DiagnoseAsync);
    }

    private async Task RunAsync(HttpContext context) =>
        await ApiAnswer.OkAsync(context, new Done(await tuner.TurnAsync(context.RequestAborted)), ApiJson.Default.Done);

    private async Task ReportAsync(HttpContext context)
    {
        if (await table.TriedAsync() is not Stored<List<TuningRow>>.Ok(var tried)) tried = [];
        var performance = config.Current.Performance;
        await ApiAnswer.OkAsync(
            context,
            new TuningReport(
                performance.AutoOptimize, performance.PredictScaling,
                [.. (await tools.Running()).OrderBy(seat => seat.Seat.Name, StringComparer.Ordinal).Select(seat => tuner.NextFor(seat, tried) is var next
                    ? new TunedEngine(seat.Seat.Provider, seat.Model.Id, tools.ReleaseOf(seat.Seat.Provider), seat.Run.ContextPerSlot, seat.Run.Slots, seat.Run.Seating.Devices.IsEmpty ? seat.Threads : null, seat.Run.Tuned.Values, next.Change, next.Words)
                    : null!)],
                [.. tried.Select(row => new TriedReport(row.At, row.Seat.Provider, row.Seat.Model, row.Release, row.Change.Knob, row.Change.From, row.Change.To, row.Kept, row.Change.Why, row.Words))],
                [.. demand.Forecasts.OrderBy(model => model.Key, StringComparer.Ordinal).Select(model => Forecast(model.Key, model.Value))]),
            TuningJson.Default.TuningReport);
    }

    private ForecastReport Forecast(string model, DemandForecast forecast)
    {
        var now = time.GetUtcNow();
        var hour = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerHour));
        return new(model, forecast.Weeks, forecast.Error, forecast.IsFollowed, forecast.Words, [.. Enumerable.Range(0, Hours).Select(ahead => hour.AddHours(ahead)).Where(ahead => forecast.Chances[DemandForecast.IndexOf(ahead)] >= DemandForecast.Likely)]);
    }

    private async Task DiagnoseAsync(HttpContext context)
    {
        DiagnoseRequest? request;
        try
        {
            request = await ApiAnswer.BodyAsync(context, MaxBodyBytes) switch
            {
                null => null,
                [] => new(),
                var body => JsonSerializer.Deserialize(body, TuningJson.Default.DiagnoseRequest),
            };
        }
        catch (JsonException)
        {
            request = null;
        }

        if (request is null)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new ApiError("invalid", "the body is no request for a diagnosis", "Send {\"provider\": null, \"model\": null, \"load\": false, \"compare\": false}, or {}."));
            return;
        }

        var (seats, error) = await diagnosis.SeatsAsync(request);
        if (error is not null)
        {
            await ApiAnswer.RefuseAsync(context, error.Code == "not_found" ? StatusCodes.Status404NotFound : StatusCodes.Status409Conflict, error);
            return;
        }

        if (!turn.TryTake())
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status409Conflict, new ApiError("conflict", "engines are being measured already", "Two that are measured at once measure each other: try again in a minute."));
            return;
        }

        try
        {
            await StreamAsync(context, seats, request);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>One JSON object a line, the last one with the result. It ends when the client goes.</summary>
    private async Task StreamAsync(HttpContext context, IReadOnlyList<KnownSeat> seats, DiagnoseRequest request)
    {
        context.Response.ContentType = "application/x-ndjson";
        context.Response.Headers.CacheControl = "no-store";
        var events = Channel.CreateBounded<DiagnosisEvent>(new BoundedChannelOptions(16) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        var run = FinishAsync();
        try
        {
            await foreach (var happened in events.Reader.ReadAllAsync(context.RequestAborted)) await WriteAsync(context, happened);
            await WriteAsync(context, new("done", 1, 1, await run));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // nobody reads any more
        }
        finally
        {
            await ((Task)run).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task<DiagnosisReport> FinishAsync()
        {
            try
            {
                return await diagnosis.RunAsync(seats, request, happened => events.Writer.TryWrite(happened), context.RequestAborted);
            }
            finally
            {
                events.Writer.Complete();
            }
        }
    }

    private static async Task WriteAsync(HttpContext context, DiagnosisEvent happened)
    {
        await JsonSerializer.SerializeAsync(context.Response.Body, happened, TuningJson.Default.DiagnosisEvent, context.RequestAborted);
        await context.Response.Body.WriteAsync("\n"u8.ToArray(), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
