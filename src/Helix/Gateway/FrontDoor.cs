using Helix.Access;
using Helix.Contracts;
using Helix.Core.Access;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>Where every request comes in: it gets its id, passes the access check, and goes to the gateway or on to the other rooms.</summary>
internal sealed partial class FrontDoor(AccessDoor access, OpenAiRoutes openAi, RequestIds ids, ILogger<FrontDoor> logger)
{
    public async Task EnterAsync(HttpContext context, RequestDelegate next)
    {
        context.TraceIdentifier = ids.For(context.Request);
        context.Response.Headers[RequestIds.Header] = context.TraceIdentifier;
        try
        {
            switch (await access.PassAsync(context))
            {
                case null: return;
                case PathClass.Inference:
                    await openAi.ServeAsync(context);
                    return;
                case PathClass.Public:
                    await LiveAsync(context);
                    return;
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
        catch (Exception error)
        {
            LogBroken(error, context.Request.Method, context.Request.Path, context.TraceIdentifier);
            await ApologiseAsync(context);
        }
    }

    private static async Task LiveAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain";
        await context.Response.BodyWriter.WriteAsync("ok\n"u8.ToArray());
    }

    private static Task ApologiseAsync(HttpContext context)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        const string Words = "Something broke inside helix; the daemon's log has it under this request's id.";
        return AccessPaths.Classify(context.Request.Path.Value) == PathClass.HelixApi
            ? ApiAnswer.RefuseAsync(context, 500, new ApiError("internal", Words))
            : ErrorResponse.WriteAsync(context, new GatewayError(500, "internal", Words));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} broke ({RequestId})")]
    private partial void LogBroken(Exception error, string method, string path, string requestId);
}
