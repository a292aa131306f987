using System.Text.Json;
using Helix.Cli;
using Helix.Contracts;
using Helix.Tests.Cli.Fakes;

namespace Helix.Tests.Cli;

public sealed class CloudVerbTests
{
    [Fact]
    public async Task A_key_comes_over_stdin_or_from_a_file_and_is_sent_to_the_daemon_alone()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("POST /helix/v1/clouds", new Done("openai is used: OpenAI; its 2 models go by openai/MODEL, the first is openai/large"), ApiJson.Default.Done);
        var file = Path.Combine(line.Temporary.Home.Root, "key.txt");
        Directory.CreateDirectory(line.Temporary.Home.Root);
        await File.WriteAllTextAsync(file, "sk-file\n", TestContext.Current.CancellationToken);
        line.In = new StringReader("  sk-typed \n");

        Assert.Equal(
            "$ helix cloud add openai --name work\nopenai is used: OpenAI; its 2 models go by openai/MODEL, the first is openai/large\n--- exit 0\n\n",
            await line.TranscriptAsync("cloud", "add", "openai", "--name", "work"));
        Assert.Equal(ExitCodes.Ok, await line.RunAsync("cloud", "add", "https://x.example/v1", "--models", "a, b", "--key-file", file));

        AddCloudRequest[] sent = [.. daemon.Asked.Select(asked => JsonSerializer.Deserialize(asked.Body, CloudJson.Default.AddCloudRequest)! with { Models = null })];
        Assert.Equal((new AddCloudRequest("openai", "sk-typed", "work"), new AddCloudRequest("https://x.example/v1", "sk-file")), (sent[0], sent[1]));
        Assert.Contains("\"models\":[\"a\",\"b\"]", daemon.Asked.Last().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_whose_words_it_is_asked_goes_along()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("POST /helix/v1/clouds", new Done("done"), ApiJson.Default.Done);
        line.In = new StringReader("sk\n");

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("cloud", "add", "https://x.example/v1", "--speaks", "anthropic"));

        Assert.Equal(new AddCloudRequest("https://x.example/v1", "sk", Speaks: "anthropic"), JsonSerializer.Deserialize(daemon.Asked.Single().Body, CloudJson.Default.AddCloudRequest));
    }

    [Fact]
    public async Task On_a_terminal_it_is_asked_for_and_not_shown()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("POST /helix/v1/clouds", new Done("done"), ApiJson.Default.Done);
        (line.IsTerminal, line.Hidden) = (true, () => "sk-hidden");

        await line.RunAsync("cloud", "add", "openai");

        Assert.Equal("key of openai (it is not shown): \n", line.Error);
        Assert.Equal("done\n", line.Out);
        Assert.Contains("sk-hidden", daemon.Asked.Single().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_key_nothing_is_asked()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);

        Assert.Equal(ExitCodes.Usage, await line.RunAsync("cloud", "add", "openai"));
        Assert.Contains("no key was given", line.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.NotFound, await line.RunAsync("cloud", "add", "openai", "--key-file", "/nowhere/key"));
        Assert.Empty(daemon.Asked);
    }

    [Fact]
    public async Task They_are_listed_and_removed()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("GET /helix/v1/clouds", new CloudList([new("openai", "OpenAI", "https://api.openai.com/v1", "ready", ["large", "small"], FakeDaemon.Moment)], 0.125m, 5), CloudJson.Default.CloudList);
        daemon.On("DELETE /helix/v1/clouds/openai", new Done("openai is used no longer, and its key is forgotten"), ApiJson.Default.Done);
        daemon.Refuse("POST /helix/v1/clouds", 502, new("unreachable", "api.openai.com cannot be reached: its name is not known here", "Check the network."));

        Assert.Equal(
            """
            $ helix cloud list
            ID      NAME    URL                        STATE  MODELS
            openai  OpenAI  https://api.openai.com/v1  ready  2
            --- stderr
            $0.125 of $5.00 (cloud.daily_budget) are spent today, what is being answered included
            --- exit 0


            """,
            await line.TranscriptAsync("cloud", "list"));
        await line.RunAsync("cloud", "list", "--format", "json");
        Assert.Contains("\"id\":\"openai\"", line.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Ok, await line.RunAsync("cloud", "remove", "openai"));
        Assert.Equal(ExitCodes.NotFound, await line.RunAsync("cloud", "remove", "x"));
        line.In = new StringReader("sk\n");
        Assert.Equal(ExitCodes.Offline, await line.RunAsync("cloud", "add", "openai"));

        daemon.On("GET /helix/v1/clouds", new CloudList([], 0, 5), CloudJson.Default.CloudList);
        Assert.Contains("helix cloud add openai", await line.TranscriptAsync("cloud", "list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_private_key_is_asked_for_and_told_as_one()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        var key = new KeyReport("notes", "hx_QZc3YP", ["infer"], FakeDaemon.Moment, null, true);
        daemon.On("POST /helix/v1/keys", new CreatedKey("hx_secret", key), ApiJson.Default.CreatedKey);
        daemon.On("GET /helix/v1/keys", new KeyList([key]), ApiJson.Default.KeyList);

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("keys", "create", "notes", "--private"));

        Assert.Contains("\"private\":true", daemon.Asked.Single().Body, StringComparison.Ordinal);
        Assert.Contains("infer, private", await line.TranscriptAsync("keys", "list"), StringComparison.Ordinal);
    }
}
