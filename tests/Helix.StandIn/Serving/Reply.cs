using System.Text.Json.Nodes;

namespace Helix.StandIn.Serving;

/// <summary>An answer in the shapes of the OpenAI dialect.</summary>
/// <param name="tool">That is called, with the words for its arguments; null where the words are said.</param>
internal sealed class Reply(string id, string model, bool chat, Ask ask, string words, Manners manners, string? tool = null)
{
    private const long Created = 1_700_000_000;

    private readonly bool _cut = ask.MaxTokens is { } most && most >= 0 && most < Text.Count(words);

    public bool Chat { get; } = chat;

    public IReadOnlyList<string> Pieces { get; } = [.. Text.Pieces(words).Take(ask.MaxTokens is { } most and >= 0 ? most : int.MaxValue)];

    private string Finish => _cut ? "length" : tool is null ? "stop" : "tool_calls";

    public JsonObject Whole()
    {
        var text = string.Concat(Pieces);
        var choice = new JsonObject { ["index"] = 0 };
        if (tool is not null) choice["message"] = new JsonObject { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = new JsonArray(Called(text, isFirst: true)) };
        else if (Chat) choice["message"] = new JsonObject { ["role"] = "assistant", ["content"] = text };
        else choice["text"] = text;
        choice["finish_reason"] = Finish;
        var whole = Head(Chat ? "chat.completion" : "text_completion", choice);
        whole["usage"] = Usage();
        manners.Whole?.Invoke(whole);
        return whole;
    }

    public JsonObject First() => Chunk(new JsonObject { ["role"] = "assistant", ["content"] = "" }, "", null);

    public JsonObject Piece(int i)
    {
        if (tool is null) return Chunk(new JsonObject { ["content"] = Pieces[i] }, Pieces[i], null);
        var call = Called(Pieces[i], isFirst: i == 0);
        call["index"] = 0;
        return Chunk(new JsonObject { ["tool_calls"] = new JsonArray(call) }, "", null);
    }

    public JsonObject Last()
    {
        var last = Chunk([], "", Finish);
        if (manners.StreamUsage == StreamUsage.Always) last["usage"] = Usage();
        return last;
    }

    /// <summary>The chunk with the counts, where one is due.</summary>
    public JsonObject? StreamedUsage()
    {
        if (manners.StreamUsage != StreamUsage.WhenAsked || !ask.Usage) return null;
        var chunk = Head(Chat ? "chat.completion.chunk" : "text_completion", null);
        chunk["usage"] = Usage();
        return chunk;
    }

    /// <summary>The name and the id come with the first piece only.</summary>
    private JsonObject Called(string arguments, bool isFirst)
    {
        var function = new JsonObject { ["arguments"] = arguments };
        var call = new JsonObject { ["function"] = function };
        if (isFirst) (function["name"], call["id"], call["type"]) = (tool, $"call_{id}", "function");
        return call;
    }

    private JsonObject Usage()
    {
        var usage = new JsonObject { ["prompt_tokens"] = ask.PromptTokens, ["completion_tokens"] = Pieces.Count, ["total_tokens"] = ask.PromptTokens + Pieces.Count };
        manners.Usage?.Invoke(usage);
        return usage;
    }

    private JsonObject Chunk(JsonObject delta, string text, string? finish)
    {
        var choice = new JsonObject { ["index"] = 0 };
        if (Chat) choice["delta"] = delta;
        else choice["text"] = text;
        choice["finish_reason"] = finish;
        return Head(Chat ? "chat.completion.chunk" : "text_completion", choice);
    }

    private JsonObject Head(string kind, JsonObject? choice)
    {
        var head = new JsonObject { ["id"] = id, ["object"] = kind, ["created"] = Created, ["model"] = model };
        if (manners.Fingerprint is { } fingerprint) head["system_fingerprint"] = fingerprint;
        head["choices"] = choice is null ? [] : new JsonArray(choice);
        return head;
    }
}
