using Helix.Access;
using Helix.Core.Live;

namespace Helix.Live;

/// <summary><c>GET /helix/v1/live</c>: what the dashboard shows, as server-sent events; first all of it, then what changes.</summary>
internal sealed class LiveEndpoint(LiveBoard board, SessionRing sessions, IHostApplicationLifetime life)
{
    public async Task AnswerAsync(HttpContext context)
    {
        var mayGoOn = sessions.MayGoOn(context);
        context.Response.ContentType = "text/event-stream";
        // whatever stands before helix shall not collect a few first
        context.Response.Headers["X-Accel-Buffering"] = "no";
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, life.ApplicationStopping);
        var reader = board.Join(LiveId.Parse(context.Request.Headers["Last-Event-ID"].ToString()));
        try
        {
            await context.Response.Body.WriteAsync(LiveText.Begin, over.Token);
            await context.Response.Body.FlushAsync(over.Token);
            while (await reader.Events.WaitToReadAsync(over.Token))
            {
                // who was signed out meanwhile sees nothing more
                if (!mayGoOn())
                {
                    await context.Response.Body.WriteAsync(LiveText.SignedOut, over.Token);
                    return;
                }

                while (reader.Events.TryRead(out var bytes)) await context.Response.Body.WriteAsync(bytes, over.Token);
                await context.Response.Body.FlushAsync(over.Token);
                if (reader.IsBehind) board.Rejoin(reader);
            }
        }
        catch (OperationCanceledException) when (life.ApplicationStopping.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            // the daemon goes: the reader comes again, to the next one
        }
        finally
        {
            board.Leave(reader);
        }
    }
}
