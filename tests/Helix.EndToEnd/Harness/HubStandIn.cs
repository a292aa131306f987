using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Helix.EndToEnd.Harness;

/// <summary>
/// Answers as Hugging Face does for one file: a redirect that declares commit, size and digest, then the bytes with ranges.
/// Told to, it breaks off, sends other bytes, or waits.
/// </summary>
internal sealed class HubStandIn : IAsyncDisposable
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private readonly WebApplication _app;
    private byte[] _file;
    private string _digest;
    private volatile bool _paused;

    private HubStandIn(WebApplication app, byte[] file) => (_app, _file, _digest) = (app, file, Convert.ToHexStringLower(SHA256.HashData(file)));

    public int Length => _file.Length;

    public string Address => _app.Urls.Single();

    public static string Source => "hf:someone/some-model/model.gguf";

    /// <summary>So many bytes are sent of each answer, then the connection breaks.</summary>
    public int? BreakAfter { get; set; }

    /// <summary>The byte at this place is changed on its way.</summary>
    public int? TamperAt { get; set; }

    /// <summary>After the first half of the file, this is waited for.</summary>
    public TaskCompletionSource? Pause { get; set; }

    /// <summary>Waits until <see cref="Pause"/> is waited for.</summary>
    public Task PausedAsync() => Eventually.TrueAsync(() => _paused, "the hub is asked for the file");

    /// <summary>Where each answer began.</summary>
    public List<long> Began { get; } = [];

    public static async Task<HubStandIn> StartAsync(byte[] file)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var hub = new HubStandIn(builder.Build(), file);
        hub._app.Run(hub.AnswerAsync);
        await hub._app.StartAsync();
        return hub;
    }

    /// <summary>Behaves well again, and forgets what was.</summary>
    public void Reset()
    {
        Pause?.TrySetResult();
        (BreakAfter, TamperAt, Pause) = (null, null, null);
        _paused = false;
        lock (Began) Began.Clear();
    }

    /// <summary>Behaves well again, and has another file.</summary>
    public void Reset(byte[] file)
    {
        Reset();
        (_file, _digest) = (file, Convert.ToHexStringLower(SHA256.HashData(file)));
    }

    public async ValueTask DisposeAsync()
    {
        Pause?.TrySetResult();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path.StartsWithSegments("/store")) await SendAsync(context);
        else if (context.Request.Path.StartsWithSegments("/someone/some-model/resolve")) Declare(context);
        else context.Response.StatusCode = StatusCodes.Status404NotFound;
    }

    private void Declare(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status302Found;
        context.Response.Headers.Location = $"{Address}/store/{_digest}";
        context.Response.Headers["X-Repo-Commit"] = Commit;
        context.Response.Headers["X-Linked-Etag"] = $"\"{_digest}\"";
        context.Response.Headers["X-Linked-Size"] = _file.Length.ToString();
    }

    private async Task SendAsync(HttpContext context)
    {
        var from = 0L;
        if (context.Request.GetTypedHeaders().Range?.Ranges.Single().From is { } wanted)
        {
            from = wanted;
            context.Response.StatusCode = StatusCodes.Status206PartialContent;
            context.Response.Headers.ContentRange = $"bytes {from}-{_file.Length - 1}/{_file.Length}";
        }

        lock (Began) Began.Add(from); // answers may overlap
        context.Response.Headers.ETag = $"\"{_digest}\"";
        context.Response.ContentLength = _file.Length - from;
        if (HttpMethods.IsHead(context.Request.Method)) return;
        await WriteAsync(context, (int)from);
    }

    private async Task WriteAsync(HttpContext context, int from)
    {
        const int Piece = 16 * 1024;
        var bytes = (byte[])_file.Clone();
        if (TamperAt is { } place) bytes[place] ^= 0x55;
        for (var at = from; at < bytes.Length; at += Piece)
        {
            if (Pause is { Task.IsCompleted: false } pause && at >= bytes.Length / 2)
            {
                _paused = true;
                await pause.Task;
            }

            if (at - from >= BreakAfter)
            {
                context.Abort();
                return;
            }

            await context.Response.Body.WriteAsync(bytes.AsMemory(at, Math.Min(Piece, bytes.Length - at)), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }
}
