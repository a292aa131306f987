using Helix.Access;
using Helix.Contracts;
using Helix.Core.History;
using Helix.Storage;

namespace Helix.Alerts;

/// <summary><c>PUT</c> and <c>DELETE /helix/v1/alerts/channels/{channel}</c>: what a channel tells with is given, or forgotten. No answer has a secret in it.</summary>
internal sealed class ChannelEndpoints(ChannelSetups setups, AlertDelivery delivery, MessageTable messages, Action<HistoryEvent> tell, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPut("/helix/v1/alerts/channels/{channel}", SetUpAsync);
        routes.MapDelete("/helix/v1/alerts/channels/{channel}", RemoveAsync);
    }

    private async Task SetUpAsync(HttpContext context)
    {
        var channel = ChannelOf(context);
        if (await AlertEndpoints.BodyAsync(context, AlertApiJson.Default.ChannelSetup, "Send what docs/ALERTS.md names for this channel.") is not { } setup) return;
        if (setups.SetUp(channel, setup) is { } refused)
        {
            await RefuseAsync(context, refused);
            return;
        }

        delivery.Renew(channel);
        await ApiAnswer.OkAsync(context, new Done($"{channel} is set up: {setups.WordsOf(channel)}; try it: helix alerts test {channel}"), ApiJson.Default.Done);
    }

    private async Task RemoveAsync(HttpContext context)
    {
        var channel = ChannelOf(context);
        if (setups.Remove(channel) is { } refused)
        {
            await RefuseAsync(context, refused);
            return;
        }

        // what waits is not to come months later, when somebody sets it up again; the list has it
        var waited = await messages.AbandonAsync(channel, "the channel was removed", time.GetUtcNow()) is Stored<int>.Ok(var count) ? count : 0;
        tell(new(time.GetUtcNow(), HistoryKind.Self, Severity.Info, null, channel, "channel_removed", $"the alert channel {channel} was removed"));
        delivery.Renew(channel);
        await ApiAnswer.OkAsync(context, new Done($"{channel} is told nothing more, and what it was set up with is forgotten{(waited > 0 ? $"; {waited} messages that waited are not sent" : "")}"), ApiJson.Default.Done);
    }

    private static string ChannelOf(HttpContext context) => (string)context.Request.RouteValues["channel"]!;

    private static Task RefuseAsync(HttpContext context, ApiError refused) => ApiAnswer.RefuseAsync(
        context,
        refused.Code switch { "not_found" => StatusCodes.Status404NotFound, "no_space" => StatusCodes.Status507InsufficientStorage, _ => StatusCodes.Status400BadRequest },
        refused);
}
