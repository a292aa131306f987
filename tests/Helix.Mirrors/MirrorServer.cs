using System.Collections.Concurrent;
using System.Net;
using Helix.Mirrors.Files;
using Helix.Mirrors.Git;
using Helix.Mirrors.Npm;
using Helix.Mirrors.Oci;
using Helix.Mirrors.Products;
using Helix.Mirrors.Python;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Helix.Mirrors;

/// <summary>
/// Stands in for everything that engines are installed from, on a loopback port of its own: an upstream <c>https://HOST/PATH</c> lies at <c>/HOST/PATH</c>.
/// </summary>
internal sealed class MirrorServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Seen> _requests = new();
    private readonly IReadOnlyList<IMirror> _mirrors;

    private MirrorServer(WebApplication app)
    {
        _app = app;
        _mirrors = [Files, Git, Python, Npm, Oci, Hub];
    }

    public Uri Url { get; private set; } = null!;

    public FileShelf Files { get; } = new();

    public GitRemote Git { get; } = new();

    public PythonIndex Python { get; } = new();

    public NpmRegistry Npm { get; } = new();

    public OciRegistry Oci { get; } = new();

    public ModelHub Hub { get; } = new();

    public Mischief Faults { get; } = new();

    /// <summary>Every request so far, in order.</summary>
    public IReadOnlyList<Seen> Requests => [.. _requests];

    public Uri PythonUrl => new(Url, "pypi/simple/");

    public Uri NpmUrl => new(Url, "npm/");

    public Uri HubUrl => new(Url, "hub/");

    /// <param name="Range">The header as it came.</param>
    internal sealed record Seen(string Method, string Path, string? Range);

    public static async Task<MirrorServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        var server = new MirrorServer(builder.Build());
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        server.Url = new Uri(server._app.Urls.Single() + "/");
        return server;
    }

    /// <summary>Where an upstream address lies here.</summary>
    public Uri Of(string upstream) => new(Url, upstream[(upstream.IndexOf("://", StringComparison.Ordinal) + 3)..]);

    /// <summary>The path of an upstream address here, as <see cref="Faults"/> and <see cref="Count"/> want it.</summary>
    public static string PathOf(string upstream) => "/" + upstream[(upstream.IndexOf("://", StringComparison.Ordinal) + 3)..];

    /// <summary>Prefixes for <c>sources.mirrors</c>: of each upstream host that a payload here comes from.</summary>
    public IReadOnlyDictionary<string, string> Rewrites() =>
        Files.Paths.Concat(Git.Paths).Select(path => path.Split('/')[1]).Distinct().Order(StringComparer.Ordinal).ToDictionary(host => $"https://{host}/", host => new Uri(Url, $"{host}/").ToString());

    /// <summary>Requests whose path is this one, or begins like it where it ends with <c>*</c>.</summary>
    public int Count(string path) => _requests.Count(seen => Mischief.Fits(path, seen.Path));

    /// <summary>Puts everything of a payload where it belongs.</summary>
    public async Task PublishAsync(Payload payload)
    {
        foreach (var (path, bytes) in payload.Files) Files.Add(path, bytes);
        foreach (var wheel in payload.Wheels) Python.Add(wheel);
        foreach (var package in payload.Packages) Npm.Add(package);
        foreach (var image in payload.Images) Oci.Add(image);
        foreach (var tree in payload.Trees) await Git.CommitAsync(tree);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Git.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        _requests.Enqueue(new Seen(context.Request.Method, path, context.Request.Headers.Range.FirstOrDefault()));
        var fault = Faults.Take(path);
        if (fault is Fault.Stalled) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        else if (fault is Fault.Failed(var status)) context.Response.StatusCode = status;
        else if (!await FoundAsync(new Request(context, path, fault))) context.Response.StatusCode = StatusCodes.Status404NotFound;
    }

    private async Task<bool> FoundAsync(Request request)
    {
        try
        {
            foreach (var mirror in _mirrors)
                if (await mirror.TryAnswerAsync(request))
                    return true;
            return false;
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            return true; // the client has gone
        }
    }
}
