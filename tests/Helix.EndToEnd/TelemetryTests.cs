using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Helix.Core.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Helix.EndToEnd;

/// <summary>What the published program tells of its requests: to a scraper, and to an OpenTelemetry collector.</summary>
public sealed class TelemetryTests
{
    private const string Secret = "a question that nobody else reads";
    private const string Asked = $$"""{gen_ai_operation_name="chat",gen_ai_provider_name="builtin",gen_ai_request_model="auto",gen_ai_response_model="{{SelfTestModel.Id}}"}""";

    [Fact]
    public async Task A_request_is_counted_for_a_scraper_and_sent_to_a_collector_without_a_word_of_it()
    {
        var got = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        await using var collector = await CollectorAsync(got);
        await using var home = new TempHome();
        home.Configure($"telemetry:\n  otlp_endpoint: {collector.Urls.Single()}\n");
        (await home.HelixAsync("start")).Succeeded();
        await Eventually.TrueAsync(
            async () => (await File.ReadAllTextAsync(Path.Combine(home.LocalLlm, "logs", "helix", "daemon.log"))).Contains("are sent to", StringComparison.Ordinal), "it sends");
        (await home.Gateway.PostAsync("/v1/chat/completions", $$"""{"messages":[{"role":"user","content":"{{Secret}}"}]}""")).Is(200);

        // it is counted once it is over, of which its client knows a little earlier
        var scraped = "";
        await Eventually.TrueAsync(
            async () => (scraped = (await home.Gateway.GetAsync("/metrics")).Is(200).Body).Contains($"gen_ai_server_request_duration_seconds_count{Asked} 1\n", StringComparison.Ordinal),
            "the request is counted", () => scraped);

        var lines = scraped.Split('\n');
        Assert.Contains($"helix_request_tries_count{Asked} 1", lines);
        Assert.Contains(lines, line => line.StartsWith("helix_instance_state{", StringComparison.Ordinal) && line.EndsWith("state=\"ready\"} 1", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("helix_build_info{version=", StringComparison.Ordinal));

        (await home.HelixAsync("stop")).Succeeded();

        Assert.Contains("gen_ai.server.request.duration", got["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("helix.instance.state", got["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains(SelfTestModel.Id, got["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("chat auto", got["/v1/traces"], StringComparison.Ordinal);
        Assert.Contains("this log, are sent to", got["/v1/logs"], StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, scraped + string.Concat(got.Values), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_is_an_object_each_line_where_the_configuration_says_so_and_words_for_a_reader()
    {
        await using var home = new TempHome();
        home.Configure("logging:\n  format: json\n");
        (await home.HelixAsync("start")).Succeeded();
        var shown = (await home.HelixAsync("local-llm", "logs", "helix")).Succeeded().Out;
        (await home.HelixAsync("stop")).Succeeded();

        var lines = await File.ReadAllLinesAsync(Path.Combine(home.LocalLlm, "logs", "helix", "daemon.log"));
        Assert.NotEmpty(lines);
        Assert.All(lines, line =>
        {
            var said = JsonNode.Parse(line)!;
            Assert.Contains((string?)said["level"], (string[])["info", "warning", "error", "critical"]);
            Assert.Equal(5, said.AsObject().Count(part => part.Key is "time" or "level" or "category" or "message" or "fields"));
        });
        Assert.Contains(" info: Helix.", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("{\"time\":", shown, StringComparison.Ordinal);
    }

    /// <param name="got">What was posted, by path; texts in it stand as they are.</param>
    private static async Task<WebApplication> CollectorAsync(ConcurrentDictionary<string, string> got)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var text = Encoding.Latin1.GetString(body.ToArray());
            got.AddOrUpdate(context.Request.Path.Value!, text, (_, before) => before + text);
        });
        await app.StartAsync();
        return app;
    }
}
