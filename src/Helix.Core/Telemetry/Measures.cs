namespace Helix.Core.Telemetry;

/// <summary>What is told of requests by its distribution. Names and bounds of the first four are those of OpenTelemetry's conventions for generative AI.</summary>
internal static class Measures
{
    public static Measure Duration { get; } = new(
        "gen_ai.server.request.duration", "s", "From a request to the end of its answer.",
        [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]);

    public static Measure FirstToken { get; } = new(
        "gen_ai.server.time_to_first_token", "s", "From a request to the first piece of its stream, of those that came to their end.",
        [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]);

    public static Measure PerToken { get; } = new(
        "gen_ai.server.time_per_output_token", "s", "Of a stream that came to its end, for each token after the first.",
        [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5]);

    public static Measure Tokens { get; } = new(
        "gen_ai.client.token.usage", "{token}", "Tokens of one request, where its engine told them.",
        [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864]);

    public static Measure Tries { get; } = new("helix.request.tries", "{try}", "Engines that had a request, of those that were sent to one.", [1, 2, 3, 5]);

    public static Measure Wait { get; } = new(
        "helix.request.wait", "s", "For how long a request waited for a place before the engines of its model.", [0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120]);
}
