using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Helix.Contracts;
using Helix.Core.Fleet;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Helix.Tests.Cli.Fakes;

/// <summary>Answers helix's own API on a unix socket as each test tells it to, and remembers what it was asked.</summary>
internal sealed class FakeDaemon : IAsyncDisposable
{
    public static readonly DateTimeOffset Moment = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("helix-fake-").FullName;
    private readonly WebApplication _app;

    private FakeDaemon()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenUnixSocket(Socket);
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        _app = builder.Build();
        _app.Run(HandleAsync);
        On("GET /helix/v1/status", ctx => JsonAsync(ctx, Status, ApiJson.Default.StatusReport));
        On("GET /helix/v1/providers", ctx => JsonAsync(ctx, new ProviderList(Status.Providers), ApiJson.Default.ProviderList));
    }

    public string Socket => Path.Combine(_folder, "s");

    /// <summary>Where clients reach it.</summary>
    public string Gateway => _app.Urls.First(url => url.StartsWith("http://127", StringComparison.Ordinal));

    public StatusReport Status { get; set; } = new(
        "0.1.0", "http://127.0.0.1:4359", 4242, Moment.AddHours(-2).AddMinutes(-5),
        [
            new("builtin", "Built-in engine (llama.cpp)", ProviderState.Ready, "answers, and produced a token", 4711, "tiny", "v0.4.0", Moment, "foundation", "The engine that is always there"),
            new("vllm", "vLLM", ProviderState.Unsupported, "not possible here, because it needs a GPU", null, null, null, Moment, "high-performance", "Serves many users at once"),
            new("tabbyapi", "TabbyAPI", ProviderState.Available, "fits this machine", null, null, null, Moment, "high-performance", "For one or a few users"),
        ],
        [new("tiny", "ready", null, ["chat", "completion"], 2048, false), new("helix-selftest", "asleep", null, ["chat"], 32768, true)],
        ["a note that matters"]);

    public ConcurrentQueue<(string What, string Body)> Asked { get; } = new();

    private ConcurrentDictionary<string, RequestDelegate> Handlers { get; } = new();

    public static async Task<FakeDaemon> StartAsync()
    {
        var daemon = new FakeDaemon();
        await daemon._app.StartAsync();
        return daemon;
    }

    public void On(string what, RequestDelegate answer) => Handlers[what] = answer;

    public void On<T>(string what, T answer, JsonTypeInfo<T> type, int status = 200) => On(what, ctx => JsonAsync(ctx, answer, type, status));

    public void Refuse(string what, int status, ApiError error) => On(what, new ApiErrorBody(error), ApiJson.Default.ApiErrorBody, status);

    /// <summary>A stream of server-sent events, one data line each.</summary>
    public void Streams(string what, params string[] lines) => On(what, async ctx =>
    {
        ctx.Response.ContentType = "text/event-stream";
        foreach (var line in lines) await ctx.Response.WriteAsync(line + "\n\n");
    });

    public static async Task JsonAsync<T>(HttpContext context, T body, JsonTypeInfo<T> type, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(context.Response.Body, body, type);
    }

    private async Task HandleAsync(HttpContext context)
    {
        var what = $"{context.Request.Method} {context.Request.Path.Value}";
        using var reader = new StreamReader(context.Request.Body);
        Asked.Enqueue((what, await reader.ReadToEndAsync()));
        if (Handlers.TryGetValue(what, out var handler)) await handler(context);
        else await JsonAsync(context, new ApiErrorBody(new("not_found", $"the fake knows no {what}")), ApiJson.Default.ApiErrorBody, 404);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
