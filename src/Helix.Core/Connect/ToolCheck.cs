using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Helix.Core.Connect;

/// <summary>A request as the tool itself would send it, small and whole.</summary>
internal sealed record ToolCheck(string Path, string Body, ImmutableArray<(string Name, string Value)> Headers)
{
    private const int AnswerTokens = 16;
    private const string Prompt = "Say hello.";

    public static ToolCheck Of(ToolDialect dialect, ToolValues values)
    {
        ImmutableArray<(string Name, string Value)> headers = [("Authorization", $"Bearer {values.Key}")];
        return dialect switch
        {
            ToolDialect.Responses => new(
                "/v1/responses",
                new JsonObject { ["model"] = values.Model, ["input"] = Prompt, ["max_output_tokens"] = AnswerTokens, ["store"] = false }.ToJsonString(),
                headers),
            ToolDialect.Messages => new(
                "/v1/messages",
                new JsonObject { ["model"] = values.Model, ["max_tokens"] = AnswerTokens, ["messages"] = Messages() }.ToJsonString(),
                headers.Add(("anthropic-version", "2023-06-01"))),
            _ => new(
                "/v1/chat/completions",
                new JsonObject { ["model"] = values.Model, ["max_tokens"] = AnswerTokens, ["messages"] = Messages() }.ToJsonString(),
                headers),
        };
    }

    /// <summary>Whether the body of a success is an answer: an object, and no error.</summary>
    public static bool IsAnswer(string body)
    {
        try
        {
            return JsonNode.Parse(body) is JsonObject answer && answer["error"] is null;
        }
        catch (Exception broken) when (broken is JsonException or ArgumentException)
        {
            return false;
        }
    }

    private static JsonArray Messages() => new(new JsonObject { ["role"] = "user", ["content"] = Prompt });
}
