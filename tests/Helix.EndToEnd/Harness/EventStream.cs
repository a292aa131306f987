using System.Text;
using System.Text.Json.Nodes;

namespace Helix.EndToEnd.Harness;

/// <summary>A streamed answer, event by event.</summary>
internal sealed class EventStream(HttpResponseMessage response, StreamReader reader) : IDisposable
{
    private readonly StringBuilder _text = new();

    public HttpResponseMessage Response => response;

    /// <summary>All text so far.</summary>
    public string Text => _text.ToString();

    public List<JsonNode> Events { get; } = [];

    /// <summary>True once <c>[DONE]</c> has come.</summary>
    public bool Done { get; private set; }

    /// <summary>The error frame, if one came.</summary>
    public JsonNode? Error { get; private set; }

    public string? FinishReason { get; private set; }

    /// <summary>Reads on up to the next event with text; false at the end.</summary>
    public async Task<bool> NextTextAsync()
    {
        var had = _text.Length;
        while (_text.Length == had)
            if (!await NextAsync())
                return false;
        return true;
    }

    public async Task<EventStream> ToEndAsync()
    {
        while (await NextAsync())
        {
        }

        return this;
    }

    public void Dispose()
    {
        reader.Dispose();
        response.Dispose();
    }

    private async Task<bool> NextAsync()
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith("data:", StringComparison.Ordinal)) continue;
            var data = line[5..].Trim();
            Assert.False(Done, $"something came after [DONE]: {line}");
            if (data == "[DONE]")
            {
                Done = true;
                continue;
            }

            Take(JsonNode.Parse(data)!);
            return true;
        }

        return false;
    }

    private void Take(JsonNode data)
    {
        Events.Add(data);
        if (data["error"] is { } error) Error = error;
        if (data["choices"] is not JsonArray { Count: > 0 } choices) return;
        FinishReason = (string?)choices[0]!["finish_reason"] ?? FinishReason;
        _text.Append((string?)choices[0]!["delta"]?["content"] ?? (string?)choices[0]!["text"]);
    }
}
