using System.Buffers;
using System.Text;
using Helix.Core.Gateway;
using Helix.Core.Telemetry;
using Helix.Telemetry;

namespace Helix.Tests.Telemetry;

public sealed class RequestMetricsTests
{
    [Fact]
    public void No_request_is_lost_between_threads()
    {
        const int threads = 8, each = 2000;
        var metrics = new RequestMetrics();

        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ =>
        {
            for (var n = 0; n < each; n++) metrics.Add(Of("m"));
        });

        var lines = Written(metrics);
        Assert.Contains($$"""gen_ai_server_request_duration_seconds_count{gen_ai_operation_name="chat",gen_ai_provider_name="vllm",gen_ai_request_model="m",gen_ai_response_model="m"} {{threads * each}}""", lines);
        Assert.Contains($$"""helix_tokens_total{gen_ai_operation_name="chat",gen_ai_provider_name="vllm",gen_ai_request_model="m",gen_ai_response_model="m",gen_ai_token_type="input",source="engine"} {{threads * each * 9}}""", lines);
    }

    [Fact]
    public void A_time_that_is_just_a_bound_lies_within_it()
    {
        var metrics = new RequestMetrics();
        metrics.Add(Of("m") with { Took = TimeSpan.FromMilliseconds(10) });

        Assert.Contains("""gen_ai_server_request_duration_seconds_bucket{gen_ai_operation_name="chat",gen_ai_provider_name="vllm",gen_ai_request_model="m",gen_ai_response_model="m",le="0.01"} 1""", Written(metrics));
    }

    [Fact]
    public void Beyond_a_number_of_models_the_others_are_told_together()
    {
        var metrics = new RequestMetrics();
        for (var n = 0; n < RequestMetrics.MostKinds + 100; n++) metrics.Add(Of($"m{n}"));
        metrics.Add(Of("m0"));

        var requests = Written(metrics).Where(line => line.StartsWith("helix_requests_total{", StringComparison.Ordinal)).ToArray();

        Assert.Equal(RequestMetrics.MostKinds + 1, requests.Length);
        Assert.Single(requests, line => line.Contains("gen_ai_request_model=\"_OTHER\"", StringComparison.Ordinal) && line.EndsWith(" 100", StringComparison.Ordinal));
        Assert.Single(requests, line => line.Contains("gen_ai_request_model=\"m0\"", StringComparison.Ordinal) && line.EndsWith(" 2", StringComparison.Ordinal));
    }

    [Fact]
    public void Kinds_that_take_turns_are_told_apart()
    {
        const int kinds = 20;
        var metrics = new RequestMetrics();
        for (var n = 0; n < 3 * kinds; n++) metrics.Add(Of($"m{n % kinds}"));

        var lines = Written(metrics);
        for (var n = 0; n < kinds; n++)
            Assert.Contains($$"""gen_ai_server_request_duration_seconds_count{gen_ai_operation_name="chat",gen_ai_provider_name="vllm",gen_ai_request_model="m{{n}}",gen_ai_response_model="m{{n}}"} 3""", lines);
    }

    [Fact]
    public void Tokens_that_an_engine_told_and_those_that_were_counted_are_told_apart()
    {
        var metrics = new RequestMetrics();
        for (var n = 0; n < 2; n++) metrics.Add(Of("m"));
        metrics.Add(Of("m") with { IsEstimated = true, Usage = new(7, 3, 2) });

        string[] tokens = [.. Written(metrics).Where(line => line.StartsWith("helix_tokens_total{", StringComparison.Ordinal))];

        Assert.Equal(4, tokens.Length);
        Assert.EndsWith("""gen_ai_token_type="input",source="engine"} 18""", tokens[0], StringComparison.Ordinal);
        Assert.EndsWith("""gen_ai_token_type="output",source="engine"} 10""", tokens[1], StringComparison.Ordinal);
        Assert.EndsWith("""gen_ai_token_type="input",source="estimate"} 7""", tokens[2], StringComparison.Ordinal);
        Assert.EndsWith("""gen_ai_token_type="output",source="estimate"} 3""", tokens[3], StringComparison.Ordinal);
    }

    private static RequestRecord Of(string model) => new(DateTimeOffset.UnixEpoch, "a key", "vllm", model, RequestOutcome.Answered, new(9, 5, 0), false, null, TimeSpan.FromSeconds(1), 1)
    {
        Operation = "chat",
        Dialect = ClientDialect.OpenAi,
        Status = 200,
    };

    private static string[] Written(RequestMetrics metrics)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var text = new ExpositionText(bytes);
        foreach (var reading in metrics.Readings) text.Write(reading);
        metrics.WriteTo(text);
        return Encoding.UTF8.GetString(bytes.WrittenSpan).Split('\n');
    }
}
