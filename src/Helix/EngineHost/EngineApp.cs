using System.Globalization;
using Helix.Core.Telemetry;
using Helix.Engine.Scheduling;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Helix.EngineHost;

/// <summary>The engine's HTTP, on one unix socket: few paths, told apart by hand.</summary>
internal sealed partial class EngineApp(EngineLoader loader, InferenceEndpoints inference, ILogger<EngineApp> log)
{
    private const long LargestBody = 64 * 1024 * 1024;

    /// <summary>The gateway keeps its connections; one that is closed just as it is used again would be an error for nothing.</summary>
    private static readonly TimeSpan s_keepAlive = TimeSpan.FromHours(24);

    /// <summary>Makes the application; not started.</summary>
    public static WebApplication Build(string socket, EngineLoader loader, TimeProvider time, Random random)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(3));
        builder.Services.Configure<SocketTransportOptions>(options => options.UnsafePreferInlineScheduling = true);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.Limits.KeepAliveTimeout = s_keepAlive;
            kestrel.ListenUnixSocket(socket);
        });
        var app = builder.Build();
        var engine = new EngineApp(loader, new InferenceEndpoints(time, random), app.Services.GetRequiredService<ILogger<EngineApp>>());
        app.Run(engine.HandleAsync);
        return app;
    }

    private async Task HandleAsync(HttpContext http)
    {
        try
        {
            await RouteAsync(http);
        }
        catch (Exception error) when (http.RequestAborted.IsCancellationRequested && error is OperationCanceledException or IOException)
        {
            // the client has gone; nobody is left to be told
        }
        catch (Exception error)
        {
            // the edge of the request
            LogFailed(http.Request.Path, error);
            if (!http.Response.HasStarted)
                await Reply.RefuseAsync(http, new Refusal(500, $"The engine failed at this request: {error.Message}", Refusal.ServerError, "internal_error"));
            else
                http.Abort();
        }
    }

    private Task RouteAsync(HttpContext http) => (http.Request.Method, http.Request.Path.Value, loader.State) switch
    {
        ("GET", "/health", EngineState.Ready) => Reply.JsonAsync(http, 200, json =>
        {
            json.WriteStartObject();
            json.WriteString("status", "ok");
            json.WriteEndObject();
        }),
        ("GET", "/health", EngineState.Loading(var progress)) => Reply.JsonAsync(http, 503, json =>
        {
            json.WriteStartObject();
            json.WriteString("status", "loading");
            json.WriteNumber("progress", Math.Round(progress, 3));
            json.WriteEndObject();
        }),
        (_, _, EngineState.Loading(var progress)) => Reply.RefuseAsync(http, Refusal.Unavailable(
            "model_not_ready", string.Create(CultureInfo.InvariantCulture, $"The model is being loaded ({progress:P0})."), retryAfter: 1)),
        ("GET", "/v1/models", EngineState.Ready(var engine)) => Reply.JsonAsync(http, 200, json => ModelsReply.Write(json, engine)),
        ("GET", "/metrics", EngineState.Ready(var engine)) => MetricsAsync(http, engine.Scheduler),
        ("POST", "/v1/chat/completions", EngineState.Ready(var engine)) => inference.ChatAsync(http, engine),
        ("POST", "/v1/completions", EngineState.Ready(var engine)) => inference.CompleteAsync(http, engine),
        ("POST", "/v1/embeddings", EngineState.Ready(var engine)) => InferenceEndpoints.EmbedAsync(http, engine),
        ("POST", "/tokenize", EngineState.Ready(var engine)) => InferenceEndpoints.TokenizeAsync(http, engine),
        (var method, var path, _) => Reply.RefuseAsync(http, new Refusal(404, $"There is no {method} {path} here.", Refusal.InvalidRequest, "not_found")),
    };

    private static async Task MetricsAsync(HttpContext http, Scheduler scheduler)
    {
        http.Response.ContentType = ExpositionText.ContentType;
        MetricsText.Write(new ExpositionText(http.Response.BodyWriter), scheduler.Counters, scheduler.Settings);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} failed")]
    private partial void LogFailed(PathString path, Exception error);
}
