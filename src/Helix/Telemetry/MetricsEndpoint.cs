using Helix.Core.Telemetry;

namespace Helix.Telemetry;

/// <summary><c>GET /metrics</c>, in Prometheus' text format.</summary>
internal sealed class MetricsEndpoint(Readings readings, RequestMetrics requests)
{
    public async Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = ExpositionText.ContentType;
        var text = new ExpositionText(context.Response.BodyWriter);
        foreach (var reading in readings.All) text.Write(reading);
        requests.WriteTo(text);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}
