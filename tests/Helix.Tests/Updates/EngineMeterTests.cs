using System.Text.Json.Nodes;
using Helix.Fleet;
using Helix.Tests.Install;
using Helix.Updates;
using Microsoft.AspNetCore.Http;

namespace Helix.Tests.Updates;

public class EngineMeterTests
{
    private const string Good = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: {\"choices\":[{\"text\":\"b\"}]}\n\ndata: [DONE]\n\n";

    [Theory]
    [InlineData(true, "/v1/chat/completions")]
    [InlineData(false, "/v1/completions")]
    public async Task An_engine_is_asked_as_its_model_wants_it(bool isChat, string path)
    {
        var asked = new List<(string Path, JsonNode Body)>();
        await using var engine = await EngineAsync(Good, asked);

        var answers = await MeasureAsync(engine, isChat);

        Assert.Equal(3, answers.Count);
        Assert.All(answers, answer => Assert.Equal((null, 2), (answer.Error, answer.Tokens)));
        Assert.All(asked, each => Assert.Equal((path, "m", true), (each.Path, (string?)each.Body["model"], (bool)each.Body["stream"]!)));
        Assert.All(asked, each => Assert.NotEmpty((string)(isChat ? each.Body["messages"]![0]!["content"] : each.Body["prompt"])!));
    }

    [Theory]
    [InlineData("data: {\"choices\":[]}\n\ndata: [DONE]\n\n", "without a token")]
    [InlineData("\u0001\u0002", "without a token")]
    [InlineData("data: {\"choices\"\n\n", "did not answer properly")]
    [InlineData("data: {\"error\":{\"message\":\"no\"}}\n\n", "an error in its answer")]
    public async Task What_is_no_answer_is_told_as_one(string said, string why)
    {
        await using var engine = await EngineAsync(said, []);

        Assert.Contains(why, (await MeasureAsync(engine, isChat: true))[0].Error, StringComparison.Ordinal);
    }

    private static Task<IReadOnlyList<Helix.Core.Updates.Measurement>> MeasureAsync(FileServer engine, bool isChat) =>
        new EngineMeter(TimeProvider.System).MeasureAsync(new(EngineEndpoint.OnPort(new Uri(engine.Url).Port), "m", null, isChat), TestContext.Current.CancellationToken);

    private static async Task<FileServer> EngineAsync(string said, List<(string Path, JsonNode Body)> asked)
    {
        var engine = await FileServer.StartAsync();
        engine.Before = async context =>
        {
            asked.Add((context.Request.Path, (await JsonNode.ParseAsync(context.Request.Body))!));
            await context.Response.WriteAsync(said);
            return true;
        };
        return engine;
    }
}
