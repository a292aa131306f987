using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Helix.Contracts;
using Helix.Core.Live;
using Helix.Core.Telemetry;
using Helix.Fleet;
using Helix.Processes;

namespace Helix.Daemon;

/// <summary>Log lines as server-sent events, for a page. Each line is a text within JSON: whatever an engine writes, it begins no event of its own.</summary>
/// <param name="files">Those that there are now.</param>
/// <param name="mayGoOn">Whether its reader may still read; who may not is told so, and nothing more.</param>
internal sealed class LogStream(HttpContext context, Func<IEnumerable<string>> files, Func<bool> mayGoOn, TimeProvider time)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_beat = TimeSpan.FromSeconds(15);

    /// <summary>Files of helix's own log, which are told in words, whatever they are written in.</summary>
    public Func<string, bool> IsOwn { get; init; } = static _ => false;

    /// <param name="lines">Of each file, the last ones that are sent first.</param>
    /// <param name="follows">What comes later is sent, too, until the reader leaves or the daemon goes.</param>
    public async Task SendAsync(int lines, bool follows, CancellationToken stopping)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        var readers = files().ToDictionary(file => file, file => new LogReader(file, LogTail.Length(file)), StringComparer.Ordinal);
        try
        {
            await WriteAsync("begin", new LogBegin([.. readers.Keys.Select(NameOf)]), LiveJson.Default.LogBegin, over.Token);
            foreach (var file in readers.Keys) await LinesAsync(file, LogTail.Lines(file, lines), over.Token);
            if (follows) await FollowAsync(readers, over.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            // the daemon goes: the reader comes again, to the next one
        }
    }

    private async Task FollowAsync(Dictionary<string, LogReader> readers, CancellationToken cancellationToken)
    {
        for (var told = time.GetTimestamp(); mayGoOn();)
        {
            var came = false;
            foreach (var file in files())
            {
                if (!readers.TryGetValue(file, out var reader)) readers[file] = reader = new LogReader(file, 0);
                var lines = reader.NewText().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                came |= lines.Length > 0;
                await LinesAsync(file, lines, cancellationToken);
            }

            if (came) told = time.GetTimestamp();
            else if (time.GetElapsedTime(told) >= s_beat)
            {
                told = time.GetTimestamp();
                await context.Response.Body.WriteAsync(LiveText.Beat, cancellationToken);
                await context.Response.Body.FlushAsync(cancellationToken);
            }

            if (!came) await Task.Delay(s_look, time, cancellationToken);
        }

        await context.Response.Body.WriteAsync(LiveText.SignedOut, cancellationToken);
    }

    private Task LinesAsync(string file, IReadOnlyList<string> lines, CancellationToken cancellationToken) =>
        lines.Count == 0 ? Task.CompletedTask : WriteAsync("lines", new LogLines(NameOf(file), IsOwn(file) ? [.. lines.Select(LogLine.Shown)] : lines), LiveJson.Default.LogLines, cancellationToken);

    private async Task WriteAsync<T>(string name, T value, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes($"event: {name}\ndata: "), .. JsonSerializer.SerializeToUtf8Bytes(value, type), .. "\n\n"u8];
        await context.Response.Body.WriteAsync(bytes, cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
    }

    private static string NameOf(string file) => Path.GetFileNameWithoutExtension(file);
}
