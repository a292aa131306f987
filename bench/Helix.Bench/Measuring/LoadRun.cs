using System.Text.Json;

namespace Helix.Bench.Measuring;

/// <summary>What the clients of <c>bench/load</c> saw. Times are in microseconds.</summary>
/// <param name="Answered">Requests that were answered, without their warm-up.</param>
/// <param name="Failed">Requests that were refused, or not answered to their end.</param>
/// <param name="Wrong">Answers with a wrong byte.</param>
/// <param name="Changed">Requests of which the engine got another body than was sent.</param>
/// <param name="Left">Streams that the client has left.</param>
/// <param name="Seconds">From the first of those requests to the last of those answers.</param>
/// <param name="Events">Of their streams.</param>
/// <param name="LatencyP99">Of whole answers.</param>
/// <param name="FirstP50">From the request to the first byte of the body.</param>
/// <param name="GapP99">From one event to the next.</param>
/// <param name="TransitP99">Of one event: from the engine to the client.</param>
internal sealed record LoadRun(
    long Answered, long Failed, long Wrong, long Changed, long Left, double Seconds, long Events, double LatencyP99, double FirstP50, double GapP99, double TransitP99)
{
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static LoadRun Of(string json) => JsonSerializer.Deserialize<LoadRun>(json, s_json) ?? throw new IOException("The load told nothing.");
}
