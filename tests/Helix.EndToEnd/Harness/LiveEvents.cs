using System.Text.Json.Nodes;

namespace Helix.EndToEnd.Harness;

/// <summary>The live stream, applied as the dashboard's page applies it.</summary>
internal sealed class LiveEvents(HttpResponseMessage response, StreamReader reader) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Of the last event.</summary>
    public string? Id { get; private set; }

    /// <summary>What the page shows: part → key → value.</summary>
    public JsonObject State { get; private set; } = [];

    /// <summary>Bytes of events that have come.</summary>
    public long Length { get; private set; }

    public JsonNode? this[string section, string key] => State[section]?[key];

    /// <summary>Reads on until the page shows this.</summary>
    public async Task UntilAsync(Func<LiveEvents, bool> shown, string what)
    {
        while (!shown(this))
            if (await NextAsync() is null) Assert.Fail($"the stream ended before it was shown: {what}");
    }

    /// <summary>Takes the next event.</summary>
    /// <returns>Its kind; null where the stream has ended.</returns>
    public async Task<string?> NextAsync()
    {
        string? kind = null;
        while (await reader.ReadLineAsync().WaitAsync(s_patience) is { } line)
        {
            Length += line.Length + 1;
            if (line.StartsWith("id: ", StringComparison.Ordinal)) Id = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal)) kind = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                Take(kind!, JsonNode.Parse(line[6..])!);
                return kind;
            }
        }

        return null;
    }

    public void Dispose()
    {
        reader.Dispose();
        response.Dispose();
    }

    private void Take(string kind, JsonNode data)
    {
        if (kind == "snapshot") State = data["state"]!.DeepClone().AsObject();
        if (kind != "change") return;
        foreach (var (section, rows) in data["set"]!.AsObject())
        {
            if (State[section] is not JsonObject known) State[section] = known = [];
            foreach (var (key, value) in rows!.AsObject())
            {
                if (value is null) known.Remove(key);
                else known[key] = value.DeepClone();
            }
        }
    }
}
