using System.Globalization;
using Helix.Access;
using Helix.Core.Telemetry;
using Helix.Fleet;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Daemon;

/// <summary><c>GET /helix/v1/providers/{id}/logs?lines=N&amp;follow=true</c>: what a provider's processes wrote, as text, or as events for whoever accepts these. helix's own log is told in words, also where it is written as JSON.</summary>
internal sealed class LogEndpoints(HelixHome home, ProviderRoster roster, SessionRing sessions, IHostApplicationLifetime life, TimeProvider time)
{
    /// <summary>helix's own daemon and keeper can be read the same way.</summary>
    private const string Self = "helix";
    private const int MostLines = 10_000;
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/helix/v1/providers/{id}/logs", SendAsync);

    private async Task SendAsync(HttpContext context)
    {
        var id = context.Request.RouteValues["id"] as string ?? "";
        // what was never started may have been tried to install
        if (id != Self && !roster.IsRun(id) && !(roster.IsKnown(id) && Files(id).Any()))
        {
            await roster.RefuseAsync(context, id, Self);
            return;
        }

        var lines = int.TryParse(context.Request.Query["lines"], NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) ? Math.Clamp(wanted, 0, MostLines) : 200;
        if (context.Request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            await new LogStream(context, () => Files(id), sessions.MayGoOn(context), time) { IsOwn = IsOwn }.SendAsync(lines, context.Request.Query["follow"] == "true", life.ApplicationStopping);
            return;
        }

        context.Response.ContentType = "text/plain; charset=utf-8";
        var files = Files(id).ToDictionary(f => f, f => new LogReader(f, new FileInfo(f).Length), StringComparer.Ordinal);
        foreach (var file in files.Keys)
            await WriteAsync(context, file, files.Count > 1, Shown(file, string.Concat(LogTail.Lines(file, lines).Select(l => l + "\n"))));
        await context.Response.Body.FlushAsync(context.RequestAborted);
        if (context.Request.Query["follow"] == "true") await FollowAsync(context, id, files);
    }

    private async Task FollowAsync(HttpContext context, string id, Dictionary<string, LogReader> files)
    {
        var mayGoOn = sessions.MayGoOn(context);
        while (!context.RequestAborted.IsCancellationRequested && mayGoOn())
        {
            var came = false;
            foreach (var file in Files(id))
            {
                if (!files.TryGetValue(file, out var reader)) files[file] = reader = new LogReader(file, 0);
                var text = Shown(file, reader.NewText());
                came |= text.Length > 0;
                await WriteAsync(context, file, files.Count > 1, text);
            }

            await context.Response.Body.FlushAsync(context.RequestAborted);
            if (!came) await Task.Delay(s_look, time, context.RequestAborted);
        }
    }

    private IEnumerable<string> Files(string id)
    {
        var folder = Path.Combine(home.Logs, id);
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.log").Order(StringComparer.Ordinal) : [];
    }

    /// <summary>Which the daemon itself writes, as text or as JSON.</summary>
    private bool IsOwn(string file) => file == home.DaemonLog;

    private string Shown(string file, string text) => IsOwn(file) ? LogLine.ShownAll(text) : text;

    private static async Task WriteAsync(HttpContext context, string file, bool named, string text)
    {
        if (text.Length == 0) return;
        if (named) text = $"==> {Path.GetFileNameWithoutExtension(file)} <==\n{text}";
        await context.Response.WriteAsync(text, context.RequestAborted);
    }
}
