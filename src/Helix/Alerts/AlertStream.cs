using System.Globalization;
using System.Text.Json;
using Helix.Access;
using Helix.Contracts;
using Helix.Core.Live;
using Helix.Storage;

namespace Helix.Alerts;

/// <summary>
/// <c>GET /helix/v1/alerts/watch</c>: server-sent events. <c>message</c> is what the web is told, with its number as id: who comes back with
/// <c>Last-Event-ID</c>, or with <c>?after=</c>, has what he missed, and nothing twice. <c>changed</c> says that the list is another one, and is the first that comes.
/// </summary>
/// <param name="mayGoOn">Of a request: tells whether its answer may go on, as long as the session lasts with which it came.</param>
internal sealed class AlertStream(AlertFeed feed, MessageTable messages, Func<HttpContext, Func<bool>> mayGoOn, TimeProvider time)
{
    private const int Lot = 100;

    private static readonly TimeSpan s_sign = TimeSpan.FromSeconds(15);

    public async Task SendAsync(HttpContext context)
    {
        if (await FirstAsync(context) is not { } after) return;
        var isLetIn = mayGoOn(context);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        AlertCounts? told = null;
        // a daemon that leaves keeps nobody: a browser, and the command line, ask the next one
        while (!feed.IsOver)
        {
            // who was signed out meanwhile is told nothing more
            if (!isLetIn())
            {
                await context.Response.Body.WriteAsync(LiveText.SignedOut, context.RequestAborted);
                return;
            }

            var (version, isMore) = (feed.Version, false);
            if (await messages.SentAfterAsync(WebChannel.Name, after, Lot) is Stored<List<QueuedMessage>>.Ok(var sent))
            {
                foreach (var message in sent)
                {
                    await WriteAsync(context, $"id: {message.Id}\nevent: message\ndata: {JsonSerializer.Serialize(AlertReporting.Of(message), AlertApiJson.Default.MessageReport)}\n\n");
                    after = message.Id;
                }

                isMore = sent.Count == Lot;
            }

            if (feed.Current is var counts && counts != told)
            {
                await WriteAsync(context, $"id: {after}\nevent: changed\ndata: {JsonSerializer.Serialize(new AlertsChanged(counts.Open, counts.Unacknowledged), AlertApiJson.Default.AlertsChanged)}\n\n");
                told = counts;
            }

            await context.Response.Body.FlushAsync(context.RequestAborted);
            if (!isMore && await IsQuietAsync(version, context.RequestAborted)) await WriteAsync(context, ": nothing new\n\n");
        }
    }

    /// <returns>The number after which messages are sent; null where the request was refused.</returns>
    private async Task<long?> FirstAsync(HttpContext context)
    {
        string? asked = context.Request.Headers["Last-Event-ID"];
        if (string.IsNullOrEmpty(asked)) asked = context.Request.Query["after"];
        long? last = await messages.LastSentAsync(WebChannel.Name) is Stored<long>.Ok(var sent) ? sent : null;
        if (string.IsNullOrEmpty(asked)) return last ?? 0;
        // a number that is not reached yet is of a list that was lost, or of another home: with it one would wait for ever
        if (long.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var after)) return Math.Min(after, last ?? after);
        await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", $"\"{asked}\" is no number of a message"));
        return null;
    }

    /// <returns>True if nothing came for so long that a sign of life is due.</returns>
    private async Task<bool> IsQuietAsync(long version, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(s_sign, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await feed.ChangedAsync(version, either.Token);
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return true;
        }
    }

    private static Task WriteAsync(HttpContext context, string text) => context.Response.WriteAsync(text, context.RequestAborted);
}
