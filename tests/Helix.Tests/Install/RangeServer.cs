using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Helix.Tests.Install;

/// <summary>One file that can be had in ranges, and what can go wrong with these.</summary>
internal sealed class RangeServer(byte[] file) : IAsyncDisposable
{
    private WebApplication _app = null!;
    private int _underWay;

    public Uri Url { get; private set; } = null!;

    public byte[] File { get; set; } = file;

    public string? ETag { get; set; } = "\"one\"";

    public bool SaysRanges { get; set; } = true;

    public bool GivesRanges { get; set; } = true;

    public bool HeedsIfRange { get; set; } = true;

    /// <summary>More requests than this are answered with 503.</summary>
    public int MostAtOnce { get; set; } = 100;

    /// <summary>No range is answered before so many of them have been asked for at the same time.</summary>
    public int Together { get; set; }

    /// <summary>What begins here is not answered until the task is done.</summary>
    public ConcurrentDictionary<long, Task> Holds { get; } = new();

    /// <summary>Bytes after which the next answer breaks off, by where it begins.</summary>
    public ConcurrentDictionary<long, int> Cuts { get; } = new();

    public ConcurrentQueue<Seen> Requests { get; } = new();

    internal sealed record Seen(long From, long? To, bool Ranged, string? IfRange);

    public static async Task<RangeServer> StartAsync(byte[] file)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new RangeServer(file) { _app = builder.Build() };
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        server.Url = new Uri(server._app.Urls.First() + "/file.gguf");
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var seen = Read(context.Request);
        Requests.Enqueue(seen);
        var underWay = Interlocked.Increment(ref _underWay);
        try
        {
            if (underWay > MostAtOnce) context.Response.StatusCode = 503;
            else await SendAsync(context, seen);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    private async Task SendAsync(HttpContext context, Seen seen)
    {
        var (response, stop) = (context.Response, context.RequestAborted);
        if (seen.Ranged) await Eventually.TrueAsync(() => Requests.Count(other => other.Ranged) >= Together || stop.IsCancellationRequested, "ranges at the same time");
        if (Holds.TryGetValue(seen.From, out var hold)) await hold.WaitAsync(stop);

        var (file, from, to) = (File, 0L, File.Length - 1L);
        if (seen.Ranged && GivesRanges && (!HeedsIfRange || seen.IfRange is null || seen.IfRange == ETag))
        {
            (from, to) = (seen.From, seen.To ?? to);
            response.StatusCode = 206;
            response.Headers.ContentRange = $"bytes {from}-{to}/{file.Length}";
        }

        if (SaysRanges) response.Headers.AcceptRanges = "bytes";
        if (ETag is not null) response.Headers.ETag = ETag;
        response.ContentLength = to - from + 1;
        var end = Cuts.TryRemove(from, out var cut) ? from + cut : to + 1;
        await response.Body.WriteAsync(file.AsMemory((int)from, (int)(end - from)), stop);
        await response.Body.FlushAsync(stop);
    }

    private static Seen Read(HttpRequest request)
    {
        if (request.Headers.Range.FirstOrDefault() is not { } range) return new(0, null, false, null);
        var ends = range["bytes=".Length..].Split('-');
        return new(Number(ends[0])!.Value, Number(ends[1]), true, request.Headers.IfRange.FirstOrDefault());
    }

    private static long? Number(string text) => text.Length == 0 ? null : long.Parse(text, CultureInfo.InvariantCulture);
}
