using Helix.Access;
using Helix.Contracts;
using Helix.Core.Access;
using Helix.Core.Gateway;
using Helix.Core.Security;
using Helix.Gateway.Lane;
using Microsoft.AspNetCore.Http.Features;

namespace Helix.Gateway;

/// <summary>Where every request comes in: it gets its id, passes the access check, and goes to the gateway or on to the other rooms.</summary>
internal sealed partial class FrontDoor(AccessDoor access, OpenAiRoutes openAi, OllamaRoutes ollama, RequestIds ids, Refusals refusals, ILogger<FrontDoor> logger)
{
    /// <summary>Where Kestrel puts the length of a request that is told in chunks, too.</summary>
    private const string SecondLength = "X-Content-Length";

    private const string OpenAi = "/v1";

    private Func<HttpContext, Exception?, ValueTask>? _leave;

    public ValueTask EnterAsync(HttpContext context, RequestDelegate next)
    {
        if (context is not LaneContext lane) return new(EnterAndLeaveAsync(context, next));
        // its connection waits for the answer anyway: nobody else has to
        lane.Leaving = _leave ??= LeaveAsync;
        return ServeAsync(context, next);
    }

    private async Task EnterAndLeaveAsync(HttpContext context, RequestDelegate next)
    {
        Exception? thrown = null;
        try
        {
            await ServeAsync(context, next);
        }
        catch (Exception error)
        {
            thrown = error;
        }

        await LeaveAsync(context, thrown);
    }

    private ValueTask ServeAsync(HttpContext context, RequestDelegate next)
    {
        var id = ids.For(context.Request);
        context.TraceIdentifier = id;
        context.Response.Headers[RequestIds.Header] = id;
        if (IsFramedTwice(context.Request.Headers))
        {
            context.Response.Headers.Connection = "close";
            return new(EndAsync(context, 400, "ambiguous_length", "The request tells its length in two ways, by Content-Length and by Transfer-Encoding: whatever stands before helix may believe the other one. Send one of them."));
        }

        if (!access.LetsIn(context, out var passage, out var refusing)) return new(refusing);
        switch (passage.Path)
        {
            case PathClass.Inference:
                return IsOfOpenAi(context.Request.Path.Value) ? openAi.ServeAsync(context, passage.Key) : ollama.ServeAsync(context, passage.Key, passage.IsAdmin);
            case PathClass.Public:
                return new(LiveAsync(context));
            case PathClass.HelixApi or PathClass.SignIn:
                // it tells of this machine: no cache keeps it, and no browser takes it for anything but what it is called
                (context.Response.Headers.CacheControl, context.Response.Headers.XContentTypeOptions) = ("no-store", "nosniff");
                goto default;
            default:
                return new(BeyondAsync(context, next));
        }
    }

    private static async Task BeyondAsync(HttpContext context, RequestDelegate next)
    {
        // socket completions run inline; what lies beyond may take its time, so it gets a pool thread
        await Task.Yield();
        await next(context);
    }

    /// <summary>When the request was served, or broke.</summary>
    private ValueTask LeaveAsync(HttpContext context, Exception? thrown) =>
        thrown is null && context.Response.StatusCode < StatusCodes.Status400BadRequest ? default : LeaveBadlyAsync(context, thrown);

    private async ValueTask LeaveBadlyAsync(HttpContext context, Exception? thrown)
    {
        try
        {
            switch (thrown)
            {
                case null: break;
                // the client has left: nobody is there to be told
                case var _ when context.RequestAborted.IsCancellationRequested: break;
                case BadHttpRequestException bad:
                    await EndAsync(context, bad.StatusCode, "invalid", bad.Message);
                    break;
                // the announced size of a chunk is no number that Kestrel can hold, which it tells by another exception than all else
                case IOException { InnerException: OverflowException } bad:
                    await EndAsync(context, 400, "invalid", bad.Message);
                    break;
                default:
                    LogBroken(thrown, context.Request.Method, context.Request.Path, context.TraceIdentifier);
                    await EndAsync(context, 500, "internal", "Something broke inside helix; the daemon's log has it under this request's id.");
                    break;
            }
        }
        finally
        {
            if (context.Response.StatusCode >= StatusCodes.Status400BadRequest) NoteOdd(context);
        }
    }

    private static bool IsOfOpenAi(string? path) => path is not null && path.StartsWith(OpenAi, StringComparison.OrdinalIgnoreCase) && (path.Length == OpenAi.Length || path[OpenAi.Length] == '/');

    private static bool IsFramedTwice(IHeaderDictionary headers) =>
        headers.TransferEncoding.Count > 0 && (headers.ContentLength is not null || headers.ContainsKey(SecondLength));

    /// <summary>Only of what went wrong: who is answered well pays nothing for it.</summary>
    private void NoteOdd(HttpContext context)
    {
        if (context.Response.StatusCode == StatusCodes.Status413PayloadTooLarge) refusals.Note(context, RefusalKind.LargeBody);
        if (context.Features.Get<IHttpRequestFeature>() is { } request && RefusalWords.IsOdd(request.RawTarget)) refusals.Note(context, RefusalKind.OddPath);
    }

    private static async Task LiveAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain";
        await context.Response.BodyWriter.WriteAsync("ok\n"u8.ToArray());
    }

    private static Task EndAsync(HttpContext context, int status, string code, string message)
    {
        if (!context.Response.HasStarted)
            return AccessPaths.Classify(context.Request.Path.Value).IsOwn()
                ? ApiAnswer.RefuseAsync(context, status, new ApiError(code, message))
                : ErrorResponse.WriteAsync(context, new GatewayError(status, code, message), Dialect.Of(context.Request.Path.Value));
        context.Abort();
        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} broke ({RequestId})")]
    private partial void LogBroken(Exception error, string method, string path, string requestId);
}
