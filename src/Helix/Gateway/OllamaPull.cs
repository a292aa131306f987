using System.Text.Json;
using System.Threading.Channels;
using Helix.Contracts;
using Helix.Core.Gateway;
using Helix.Core.Gateway.Dialects;
using Helix.Core.Models;
using Helix.Fleet;
using Helix.Models;

namespace Helix.Gateway;

/// <summary><c>POST /api/pull</c>: brings a model of the catalogue, in lines or whole. Anything else that can be fetched takes a key with the scope admin.</summary>
/// <param name="pulls">Null where there is no library.</param>
internal sealed class OllamaPull(IFleetView fleet, ModelPulls? pulls, Func<ModelCatalog> catalog)
{
    /// <param name="streams">It is told line by line.</param>
    /// <param name="isAdmin">Who may use helix's own API may fetch whatever there is.</param>
    public async Task ServeAsync(HttpContext context, string name, bool streams, bool isAdmin)
    {
        var id = IdOf(name);
        if (IsServed(name) || IsServed(id))
        {
            await FinishAsync(context, streams, null);
            return;
        }

        var entry = catalog().Find(id);
        if (pulls is null || (entry is null && !isAdmin))
        {
            await ErrorResponse.WriteAsync(context, NotListed(name), OllamaDialect.Chat);
            return;
        }

        // a slow reader sees the newest progress, not a backlog of old ones
        var events = Channel.CreateBounded<PullEvent>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        var pull = PullAsync(entry?.Id ?? name, events.Writer, context.RequestAborted);
        if (streams) await BeginAsync(context);
        await foreach (var happened in events.Reader.ReadAllAsync(context.RequestAborted))
            if (streams) await LineAsync(context, json => Write(json, happened, entry?.Sha256));
        await FinishAsync(context, streams, await pull);
    }

    private async Task<GatewayError?> PullAsync(string source, ChannelWriter<PullEvent> events, CancellationToken cancellationToken)
    {
        try
        {
            switch (await pulls!.PullAsync(source, null, happened => events.TryWrite(happened), cancellationToken))
            {
                case LibraryOutcome.Refused(var code, var reason, var remedy): return new(code switch { "not_found" => 404, "invalid" or "conflict" => 400, _ => 503 }, code, $"{reason}. {remedy}");
                case LibraryOutcome.Added(var model, _):
                    // the next request may be for it
                    for (var now = fleet.Current; now.Models.All(served => served.Id != model.Id); now = fleet.Current) await fleet.ChangedAsync(now.Version, cancellationToken);
                    break;
            }

            return null;
        }
        finally
        {
            events.Complete();
        }
    }

    private bool IsServed(string name) => fleet.Current.Models.Any(model => model.Id == name);

    /// <summary>Ollama writes the size behind a colon: <c>qwen3:0.6b</c> is <c>qwen3-0.6b</c>.</summary>
    private static string IdOf(string name) => (name.EndsWith(Routing.Latest, StringComparison.Ordinal) ? name[..^Routing.Latest.Length] : name).Replace(':', '-');

    private GatewayError NotListed(string name) => new(
        404, "not_found", $"helix's catalogue has no '{(name.Length <= 80 ? name : name[..80] + "…")}'. It has: {string.Join(", ", catalog().Entries.Select(entry => entry.Id))}. Other sources take a key with the scope admin, or the command helix models pull.");

    private static void Write(Utf8JsonWriter json, PullEvent happened, string? sha256)
    {
        json.WriteString("status"u8, happened.Phase switch
        {
            "resolving" => "pulling manifest",
            "downloading" => sha256 is null ? "pulling" : $"pulling {sha256[..12]}",
            "verifying" => "verifying sha256 digest",
            var phase => phase,
        });
        if (happened.Phase != "downloading") return;
        if (sha256 is not null) json.WriteString("digest"u8, $"sha256:{sha256}");
        if (happened.TotalBytes is { } total) json.WriteNumber("total"u8, total);
        json.WriteNumber("completed"u8, happened.DoneBytes);
    }

    private static Task FinishAsync(HttpContext context, bool streams, GatewayError? error)
    {
        if (error is not null) return context.Response.HasStarted ? LineAsync(context, json => json.WriteString("error"u8, error.Message)) : ErrorResponse.WriteAsync(context, error, OllamaDialect.Chat);
        if (!context.Response.HasStarted) context.Response.ContentType = streams ? OllamaStream.LineType : "application/json";
        return LineAsync(context, json => json.WriteString("status"u8, "success"));
    }

    private static Task BeginAsync(HttpContext context)
    {
        (context.Response.ContentType, context.Response.Headers.CacheControl) = (OllamaStream.LineType, "no-store");
        return context.Response.StartAsync(context.RequestAborted);
    }

    private static async Task LineAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        var line = DialectJson.Object(write);
        await context.Response.Body.WriteAsync(line, context.RequestAborted);
        await context.Response.Body.WriteAsync("\n"u8.ToArray(), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
