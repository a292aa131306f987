using Helix.Contracts;
using Helix.Tests.Cli.Fakes;

namespace Helix.Tests.Cli;

public sealed class CacheWordsTests
{
    [Fact]
    public async Task What_memory_saved_is_told_below_the_usage()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        var row = new UsageReport(FakeDaemon.Moment, null, null, null, 8, 0, 0, 0, 100, 50, 0, 0, null, null, null);
        daemon.On("GET /helix/v1/usage", new UsageList("hour", FakeDaemon.Moment, [row], new UsageCache(8, 2, 1, 30, 15)), UsageJson.Default.UsageList);

        await line.RunAsync("usage");

        Assert.Equal("from memory: 3 of 8 answers (37.5 %), 2 to the same request and 1 to one that means the same; saved: 30 tokens in, 15 out\n", line.Error);
        Assert.DoesNotContain("memory", line.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_was_answered_nothing_is_told_of_it()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        var row = new UsageReport(FakeDaemon.Moment, null, null, null, 1, 1, 0, 0, 0, 0, 0, 0, null, null, null);
        daemon.On("GET /helix/v1/usage", new UsageList("hour", FakeDaemon.Moment, [row], new UsageCache(0, 0, 0, 0, 0)), UsageJson.Default.UsageList);

        await line.RunAsync("usage");

        Assert.Equal("", line.Error);
    }

    [Fact]
    public async Task The_status_tells_how_often_memory_had_the_answer()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.Status = daemon.Status with { Cache = new(40, 10, 2, 700, 300) };

        await line.RunAsync("status");

        Assert.Contains("\ncache  12 of 40 requests that could be answered from memory were, 2 of them by meaning; 1000 tokens saved\n", line.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_is_made_that_compares_meaning_and_told_as_one()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        var key = new KeyReport("helpdesk", "hx_QZc3YP", ["infer"], FakeDaemon.Moment, null, SemanticCache: true);
        daemon.On("POST /helix/v1/keys", new CreatedKey("hx_secret", key), ApiJson.Default.CreatedKey);
        daemon.On("GET /helix/v1/keys", new KeyList([key]), ApiJson.Default.KeyList);

        await line.RunAsync("keys", "create", "helpdesk", "--semantic-cache");

        Assert.Contains("\"semantic_cache\":true", daemon.Asked.Single().Body, StringComparison.Ordinal);
        Assert.Contains("infer, semantic-cache", await line.TranscriptAsync("keys", "list"), StringComparison.Ordinal);
    }
}
