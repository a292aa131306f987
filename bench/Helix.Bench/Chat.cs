using System.Text.Json.Nodes;
using Helix.Bench.Wire;

namespace Helix.Bench;

/// <summary>The requests that are measured, all streamed.</summary>
internal static class Chat
{
    /// <summary>So many tokens after a prompt.</summary>
    public static TokenStream Complete(HttpLink link, string model, string prompt, int tokens)
    {
        var stream = TokenStream.Read(Ask(link, "/v1/completions", new JsonObject { ["prompt"] = prompt }, model, tokens));
        return stream.Tokens == tokens ? stream : throw new IOException($"{tokens} tokens were asked for and {stream.Tokens} came.");
    }

    /// <summary>So many tokens at the end of a conversation.</summary>
    /// <param name="said">By whom, and what; the question last.</param>
    public static TokenStream Converse(HttpLink link, string model, IEnumerable<(string Role, string Content)> said, int tokens)
    {
        var messages = new JsonArray([.. said.Select(each => new JsonObject { ["role"] = each.Role, ["content"] = each.Content })]);
        return TokenStream.Read(Ask(link, "/v1/chat/completions", new JsonObject { ["messages"] = messages }, model, tokens));
    }

    /// <param name="pace">For the mock: microseconds between two events.</param>
    public static Answer Talk(HttpLink link, string model, int tokens, int pace = 0)
    {
        var messages = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hello, how are you today?" });
        var answer = Ask(link, "/v1/chat/completions", new JsonObject { ["messages"] = messages, ["seed"] = pace }, model, tokens);
        return answer.Status == 200 ? answer : throw new IOException($"Refused with {answer.Status}: {answer.Text}");
    }

    private static Answer Ask(HttpLink link, string path, JsonObject body, string model, int tokens)
    {
        body["model"] = model;
        body["max_tokens"] = tokens;
        body["temperature"] = 0;
        body["stream"] = true;
        body["stream_options"] = new JsonObject { ["include_usage"] = true };
        return link.Post(path, body.ToJsonString());
    }
}
