using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Tests.Gateway;

/// <summary>An engine that says 100 and 100 of whatever it answers is not believed by clients of other dialects either.</summary>
public sealed class MadeUpUsageTests
{
    private const string MadeUp = """{"prompt_tokens":100,"completion_tokens":100,"total_tokens":200}""";
    private const string Told = """{"prompt_tokens":100,"completion_tokens":99,"total_tokens":199}""";

    /// <summary>Nine bytes are three tokens, about.</summary>
    private const string Words = "blue skie";

    [Theory]
    [InlineData(MadeUp, 7, 3)]
    [InlineData(Told, 100, 99)]
    public void Of_a_whole_answer_it_is_counted(string usage, int prompt, int answer)
    {
        var message = Json(Answered(new AnthropicWhole("msg_1", "m"), Whole(usage)));
        var line = Json(Answered(new OllamaWhole(Frame()), Whole(usage)));
        var response = Json(Answered(new ResponsesWhole(Response()), Whole(usage)));

        Assert.Equal((prompt, answer), ((int)message["usage"]!["input_tokens"]!, (int)message["usage"]!["output_tokens"]!));
        Assert.Equal((prompt, answer), ((int)line["prompt_eval_count"]!, (int)line["eval_count"]!));
        Assert.Equal((prompt, answer), ((int)response["usage"]!["input_tokens"]!, (int)response["usage"]!["output_tokens"]!));
    }

    [Theory]
    [InlineData(MadeUp, 7, 3)]
    [InlineData(Told, 100, 99)]
    public void Of_a_stream_it_is_counted(string usage, int prompt, int answer)
    {
        string[] events = [Delta("blue "), Delta("sk"), Delta("ie"), $$"""{"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{{usage}}}""", "[DONE]"];
        var stream = string.Concat(events.Select(data => $"data: {data}\n\n"));

        Assert.Contains($"\"usage\":{{\"input_tokens\":{prompt},\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"output_tokens\":{answer}}}", Answered(new AnthropicStream("msg_1", "m", "req_1"), stream), StringComparison.Ordinal);
        var last = Json(Answered(new OllamaStream(Frame()), stream).TrimEnd('\n').Split('\n')[^1]);
        Assert.Equal((prompt, answer), ((int)last["prompt_eval_count"]!, (int)last["eval_count"]!));
    }

    [Theory]
    [InlineData(MadeUp, 7, 3)]
    [InlineData(Told, 100, 99)]
    public void So_it_is_where_a_whole_answer_is_told_as_a_stream(string usage, int prompt, int answer)
    {
        var last = Json(Answered(new WholeAsStream(new OllamaStream(Frame())), Whole(usage)).TrimEnd('\n').Split('\n')[^1]);

        Assert.Equal((prompt, answer), ((int)last["prompt_eval_count"]!, (int)last["eval_count"]!));
    }

    [Theory]
    [InlineData(MadeUp, 5)]
    [InlineData(Told, 100)]
    public void How_long_a_prompt_is_is_not_made_up_either(string usage, int tokens) =>
        Assert.Equal(tokens, (int)Json(Answered(new AnthropicCount(5), Whole(usage), prompt: 5))["input_tokens"]!);

    private static string Whole(string usage) => $$"""{"choices":[{"message":{"content":"{{Words}}"},"finish_reason":"stop"}],"usage":{{usage}}}""";

    private static string Delta(string words) => $$$"""{"choices":[{"delta":{"content":"{{{words}}}"}}]}""";

    private static string Answered(AnswerTranslation translation, string answer, int prompt = 7)
    {
        translation.PromptTokens = prompt;
        var first = translation.Push(Encoding.UTF8.GetBytes(answer));
        var last = translation.End();
        Assert.Null(translation.Failure);
        return Encoding.UTF8.GetString(first.Span) + Encoding.UTF8.GetString(last.Span);
    }

    private static JsonObject Json(string text) => (JsonObject)JsonNode.Parse(text)!;

    private static OllamaFrame Frame() => new("m", true, () => DateTimeOffset.UnixEpoch, () => (TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero));

    private static ResponseFrame Response() => new("resp_1", "m", DateTimeOffset.UnixEpoch, JsonElement.Parse("{}"));
}
