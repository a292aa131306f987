using System.Text.Json.Nodes;

namespace Helix.Tests.Live;

/// <summary>Reads server-sent events as a page does.</summary>
internal sealed class LiveStream(HttpResponseMessage response, StreamReader reader) : IDisposable
{
    public string? LastId { get; private set; }

    /// <summary>The next event, which has to be of this kind.</summary>
    public async Task<JsonNode> NextAsync(string kind)
    {
        string? name = null;
        while (await LineAsync() is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal)) LastId = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal)) name = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                Assert.Equal(kind, name);
                return JsonNode.Parse(line[6..])!;
            }
        }

        throw new InvalidOperationException($"the stream ended before an event {kind}");
    }

    /// <summary>Completes with the next comment.</summary>
    public async Task BeatAsync()
    {
        while (await LineAsync() is { } line)
            if (line.StartsWith(':')) return;
        throw new InvalidOperationException("the stream ended before a sign of life");
    }

    public async Task<bool> EndsAsync()
    {
        while (await LineAsync() is { } line)
            if (line.Length > 0) return false;
        return true;
    }

    public void Dispose()
    {
        reader.Dispose();
        response.Dispose();
    }

    private Task<string?> LineAsync() => reader.ReadLineAsync().WaitAsync(Eventually.Limit);
}
