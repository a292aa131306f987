using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Helix.Tests.Install;

/// <summary>A model hub in this process: redirects to its store with the digest in the headers, as Hugging Face does, and misbehaves on request.</summary>
internal sealed class HubStandIn : IAsyncDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly WebApplication _app;

    private HubStandIn(WebApplication app) => _app = app;

    public Uri Url { get; private set; } = null!;

    /// <summary>Files by <c>owner/repo/path</c>.</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = new();

    /// <summary>Every request, in order.</summary>
    public ConcurrentQueue<Seen> Requests { get; } = new();

    /// <summary>Bytes after which the next answers break off, one after the other.</summary>
    public ConcurrentQueue<int> Cuts { get; } = new();

    /// <summary>Statuses of the next answers of the store instead of the file.</summary>
    public ConcurrentQueue<int> Statuses { get; } = new();

    /// <summary>Refusal of the hub itself: a status and the <c>X-Error-Code</c> with it.</summary>
    public (int Status, string? Code)? Refusal { get; set; }

    public string ETag { get; set; } = "\"one\"";

    public bool DeclaresDigest { get; set; } = true;

    public bool HasLength { get; set; } = true;

    public bool Ranges { get; set; } = true;

    /// <summary>Where the store is said to be; null: here.</summary>
    public Func<string, string>? StoreAddress { get; set; }

    /// <summary>While set, an answer stops after its first bytes until it completes.</summary>
    public TaskCompletionSource? Hold { get; set; }

    public int Downloads => Requests.Count(seen => seen is { Method: "GET", Path: ['/', 'c', 'd', 'n', ..] });

    internal sealed record Seen(string Method, string Path, string? Range, string? IfRange, string? Authorization);

    public static async Task<HubStandIn> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var hub = new HubStandIn(app);
        app.Run(hub.AnswerAsync);
        await app.StartAsync();
        hub.Url = new Uri(app.Urls.First() + "/");
        return hub;
    }

    public static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public async ValueTask DisposeAsync()
    {
        Hold?.TrySetResult();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, path) = (context.Request, context.Request.Path.Value!);
        Requests.Enqueue(new Seen(request.Method, path, request.Headers.Range.FirstOrDefault(), request.Headers.IfRange.FirstOrDefault(), request.Headers.Authorization.FirstOrDefault()));
        if (path.StartsWith("/cdn/", StringComparison.Ordinal)) await StoreAsync(context, path["/cdn/".Length..]);
        else if (path.StartsWith("/api/models/", StringComparison.Ordinal)) await ListAsync(context, path["/api/models/".Length..].Split("/revision/")[0]);
        else if (path.Split("/resolve/") is [var repository, var rest]) Resolve(context, repository.Trim('/'), rest);
        else if (Files.ContainsKey(path.Trim('/'))) await StoreAsync(context, path.Trim('/'));
        else context.Response.StatusCode = 404;
    }

    /// <summary>Of large files the digest is declared, of small ones another.</summary>
    private Task ListAsync(HttpContext context, string repository)
    {
        var files = Files.Where(file => file.Key.StartsWith(repository + "/", StringComparison.Ordinal)).OrderBy(file => file.Key, StringComparer.Ordinal).Select(file =>
            $$"""{"rfilename": "{{file.Key[(repository.Length + 1)..]}}", "size": {{file.Value.Length}}{{(file.Key.EndsWith(".safetensors", StringComparison.Ordinal) ? $", \"lfs\": {{\"sha256\": \"{Digest(file.Value)}\"}}" : "")}}}""").ToArray();
        if (files.Length == 0)
        {
            context.Response.StatusCode = 404;
            context.Response.Headers["X-Error-Code"] = "RepoNotFound";
            return Task.CompletedTask;
        }

        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync($$"""{"id": "{{repository}}", "sha": "{{Commit}}", "siblings": [{{string.Join(", ", files)}}]}""");
    }

    private void Resolve(HttpContext context, string repository, string rest)
    {
        var name = $"{repository}/{rest[(rest.IndexOf('/') + 1)..]}";
        if (Refusal is var (status, code))
        {
            context.Response.StatusCode = status;
            if (code is not null) context.Response.Headers["X-Error-Code"] = code;
            return;
        }

        if (!Files.TryGetValue(name, out var file))
        {
            context.Response.StatusCode = 404;
            context.Response.Headers["X-Error-Code"] = "EntryNotFound";
            return;
        }

        context.Response.StatusCode = 302;
        context.Response.Headers["X-Repo-Commit"] = Commit;
        if (DeclaresDigest)
        {
            context.Response.Headers["X-Linked-Etag"] = $"\"{Digest(file)}\"";
            context.Response.Headers["X-Linked-Size"] = $"{file.Length}";
        }

        context.Response.Headers.Location = StoreAddress?.Invoke(name) ?? $"/cdn/{name}?signed={Guid.NewGuid():N}";
    }

    private async Task StoreAsync(HttpContext context, string name)
    {
        var response = context.Response;
        if (Statuses.TryDequeue(out var status))
        {
            response.StatusCode = status;
            return;
        }

        var file = Tampered ?? Files[name];
        var from = 0;
        if (Ranges && context.Request.Headers.Range.FirstOrDefault() is { } range && (context.Request.Headers.IfRange.FirstOrDefault() is not { } tag || tag == ETag))
        {
            from = int.Parse(range["bytes=".Length..].TrimEnd('-'), System.Globalization.CultureInfo.InvariantCulture);
            if (from >= file.Length)
            {
                response.StatusCode = 416;
                return;
            }

            response.StatusCode = 206;
            response.Headers.ContentRange = $"bytes {from}-{file.Length - 1}/{file.Length}";
        }

        if (ETag.Length > 0) response.Headers.ETag = ETag;
        if (HasLength) response.ContentLength = file.Length - from;
        var end = Cuts.TryDequeue(out var cut) ? Math.Min(from + cut, file.Length) : file.Length;
        if (Hold is { } hold)
        {
            var first = Math.Min(from + 1000, end);
            await response.Body.WriteAsync(file.AsMemory(from..first), context.RequestAborted);
            await response.Body.FlushAsync(context.RequestAborted);
            from = first;
            await hold.Task.WaitAsync(context.RequestAborted);
        }

        await response.Body.WriteAsync(file.AsMemory(from..end), context.RequestAborted);
        await response.Body.FlushAsync(context.RequestAborted);

        // fewer bytes than announced: Kestrel sends what there is and closes the connection, so that the client gets just these
        if (end < file.Length && response.ContentLength is null) context.Abort();
    }

    /// <summary>What the store sends instead of the right file.</summary>
    public byte[]? Tampered { get; set; }
}
