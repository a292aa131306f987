using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Helix.StandIn.Flags;
using Helix.StandIn.Serving;

namespace Helix.StandIn.Poses;

/// <summary>What FastChat's three processes share.</summary>
internal static class FastChat
{
    private static readonly HttpClient s_client = new();

    public static async Task<int> ServeAsync(Site site, ParsedFlags flags, int port)
    {
        var host = flags.Text("--host", "localhost");
        port = flags.Int("--port", port);
        if (!await site.TryListenAsync(host, port)) throw new Exit(1, $"ERROR:    [Errno 98] error while attempting to bind on address ('{host}', {port}): address already in use");
        Stage.Log($"INFO:     Uvicorn running on http://{host}:{port} (Press CTRL+C to quit)");
        return await Stage.ServeAsync(site, Stopping.Drain);
    }

    /// <returns>The answer as text; null: nobody there.</returns>
    public static async Task<string?> PostAsync(string address, string path, JsonObject body, CancellationToken cancellationToken)
    {
        try
        {
            using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
            using var response = await s_client.PostAsync(new Uri(address + path), content, cancellationToken);
            return await response.Content.ReadAsStringAsync(cancellationToken);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
