using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Helix.Tests.Install;

/// <summary>Gives out what it has, by path.</summary>
internal sealed class FileServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FileServer(WebApplication app) => _app = app;

    public string Url { get; private set; } = "";

    public ConcurrentDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, string> Types { get; } = new(StringComparer.Ordinal);

    /// <summary>A path begins with this, and the rest is looked up in this folder.</summary>
    public (string Path, string Folder)? Folder { get; set; }

    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Answers first, when it answers.</summary>
    public Func<HttpContext, Task<bool>> Before { get; set; } = static _ => Task.FromResult(false);

    public static async Task<FileServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new FileServer(app);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        server.Url = app.Urls.First();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        Asked.Enqueue(path);
        if (await Before(context)) return;
        var bytes = Files.GetValueOrDefault(path);
        if (bytes is null && Folder is var (prefix, folder) && path.StartsWith(prefix, StringComparison.Ordinal) && Path.Combine(folder, path[prefix.Length..]) is var file && File.Exists(file)) bytes = await File.ReadAllBytesAsync(file);
        if (bytes is null)
        {
            context.Response.StatusCode = 404;
            return;
        }

        if (Types.TryGetValue(path, out var type)) context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        if (context.Request.Method != "HEAD") await context.Response.Body.WriteAsync(bytes);
    }
}
