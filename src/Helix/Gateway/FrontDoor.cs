using Helix.Access;
using Helix.Contracts;
using Helix.Core.Access;
using Helix.Core.Gateway;
using Helix.Core.Security;
using Microsoft.AspNetCore.Http.Features;

namespace Helix.Gateway;

/// <summary>Where every request comes in: it gets its id, passes the access check, and goes to the gateway or on to the other rooms.</summary>
internal sealed partial class FrontDoor(AccessDoor access, OpenAiRoutes openAi, OllamaRoutes ollama, RequestIds ids, Refusals refusals, ILogger<FrontDoor> logger)
{
    /// <summary>Where Kestrel puts the length of a request that is told in chunks, too.</summary>
    private const string SecondLength = "X-Content-Length";

    public async Task EnterAsync(HttpContext context, RequestDelegate next)
    {
        context.TraceIdentifier = ids.For(context.Request);
        context.Response.Headers[RequestIds.Header] = context.TraceIdentifier;
        try
        {
            if (IsFramedTwice(context.Request.Headers))
            {
                context.Response.Headers.Connection = "close";
                await EndAsync(context, 400, "ambiguous_length", "The request tells its length in two ways, by Content-Length and by Transfer-Encoding: whatever stands before helix may believe the other one. Send one of them.");
                return;
            }

            switch (await access.PassAsync(context))
            {
                case null: return;
                case { Path: PathClass.Inference, Key: var key, IsAdmin: var isAdmin }:
                    await (context.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase) ? openAi.ServeAsync(context, key) : ollama.ServeAsync(context, key, isAdmin));
                    return;
                case { Path: PathClass.Public }:
                    await LiveAsync(context);
                    return;
                case { Path: PathClass.HelixApi or PathClass.SignIn }:
                    // it tells of this machine: no cache keeps it, and no browser takes it for anything but what it is called
                    (context.Response.Headers.CacheControl, context.Response.Headers.XContentTypeOptions) = ("no-store", "nosniff");
                    goto default;
                default:
                    // socket completions run inline; what lies beyond may take its time, so it gets a pool thread
                    await Task.Yield();
                    await next(context);
                    return;
            }
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // the client has left: nobody is there to be told
        }
        catch (BadHttpRequestException bad)
        {
            await EndAsync(context, bad.StatusCode, "invalid", bad.Message);
        }
        catch (IOException bad) when (bad.InnerException is OverflowException)
        {
            // the announced size of a chunk is no number that Kestrel can hold, which it tells by another exception than all else
            await EndAsync(context, 400, "invalid", bad.Message);
        }
        catch (Exception error)
        {
            LogBroken(error, context.Request.Method, context.Request.Path, context.TraceIdentifier);
            await EndAsync(context, 500, "internal", "Something broke inside helix; the daemon's log has it under this request's id.");
        }
        finally
        {
            if (context.Response.StatusCode >= StatusCodes.Status400BadRequest) NoteOdd(context);
        }
    }

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
