using System.Globalization;
using Helix.Access;
using Helix.Contracts;
using Helix.Core.Alerts;
using Helix.Storage;

namespace Helix.Alerts;

/// <summary>
/// <c>GET</c> and <c>PUT /helix/v1/alerts/rules</c>, <c>GET …/alerts/channels</c>, <c>GET …/alerts/messages?channel=&amp;limit=</c>, and
/// <c>POST …/alerts/test/{channel}</c>, which goes through the queue as every message does and waits a little for what comes of it.
/// </summary>
internal sealed class AlertSetupEndpoints(AlertWatch watch, AlertRulesFile rules, AlertDelivery delivery, MessageTable messages, AlertFeed feed, HelixHome home, TimeProvider time)
{
    private const int LargestRules = 512 << 10;
    private const int MostMessages = 1000;
    private const int UsualMessages = 100;

    /// <summary>For what comes of a test.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(8);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/helix/v1/alerts/rules", context => ApiAnswer.OkAsync(context, Rules(), AlertApiJson.Default.RuleList));
        routes.MapPut("/helix/v1/alerts/rules", PutRulesAsync);
        routes.MapGet("/helix/v1/alerts/channels", ChannelsAsync);
        routes.MapGet("/helix/v1/alerts/messages", MessagesAsync);
        routes.MapPost("/helix/v1/alerts/test/{channel}", TestAsync);
    }

    private RuleList Rules()
    {
        rules.Look();
        var state = rules.Current;
        return new([.. state.Rules.All.Select(AlertReporting.Of)], home.AlertRules, state.Own, AlertRulesText.Shipped, [.. state.Problems.Select(problem => problem.ToString())]);
    }

    private async Task PutRulesAsync(HttpContext context)
    {
        if (await AlertEndpoints.BodyAsync(context, AlertApiJson.Default.RulesRequest, "Send {\"text\": \"rules:\\n  - name: …\"}; an empty text takes the file away.", LargestRules) is not { } request) return;
        try
        {
            if (rules.Write(request.Text) is { IsEmpty: false } errors)
                await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", string.Join("\n", errors), "The rules before hold; docs/ALERTS.md tells what may stand there."));
            else
                await ApiAnswer.OkAsync(context, Rules(), AlertApiJson.Default.RuleList);
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status507InsufficientStorage, new("no_space", $"{home.AlertRules} could not be written: {disk.Message}", "Check that there is room, and who may write there."));
        }
    }

    private async Task ChannelsAsync(HttpContext context)
    {
        switch (await messages.TotalsAsync())
        {
            case Stored<List<ChannelTotals>>.Ok(var totals):
                await ApiAnswer.OkAsync(context, new ChannelList([.. delivery.Channels.Select(channel => Report(channel, totals.Find(each => each.Channel == channel.Id)))]), AlertApiJson.Default.ChannelList);
                break;
            case Stored<List<ChannelTotals>>.Failed failed: await ApiAnswer.RefuseAsync(context, StatusCodes.Status500InternalServerError, new(failed.Code, failed.Reason, failed.Remedy)); break;
        }
    }

    private ChannelReport Report(IAlertChannel channel, ChannelTotals? totals)
    {
        var (policy, lane) = (channel.Policy, delivery.LaneOf(channel.Id));
        return new(channel.Id, policy is not null, policy?.Least, policy?.Hourly, totals?.Waiting ?? 0, totals?.Failed ?? 0, totals?.LastSent, lane.FailsSince, lane.NextTry, lane.Trouble) { Where = channel.Where };
    }

    private async Task MessagesAsync(HttpContext context)
    {
        string? channel = context.Request.Query["channel"], limit = context.Request.Query["limit"];
        var most = UsualMessages;
        if (!string.IsNullOrEmpty(limit) && !(int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out most) && most is >= 1 and <= MostMessages))
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", $"\"{limit}\" is no whole number from 1 to {MostMessages}"));
            return;
        }

        switch (await messages.ListAsync(string.IsNullOrEmpty(channel) ? null : channel, most))
        {
            case Stored<List<QueuedMessage>>.Ok(var list): await ApiAnswer.OkAsync(context, new MessageList([.. list.Select(AlertReporting.Of)]), AlertApiJson.Default.MessageList); break;
            case Stored<List<QueuedMessage>>.Failed failed: await ApiAnswer.RefuseAsync(context, StatusCodes.Status500InternalServerError, new(failed.Code, failed.Reason, failed.Remedy)); break;
        }
    }

    private async Task TestAsync(HttpContext context)
    {
        var channel = (string)context.Request.RouteValues["channel"]!;
        var asked = await watch.AskAsync(new AlertWish.Test(channel));
        if (asked is not Stored<WishOutcome>.Ok(WishOutcome.Done(_, _, { } key)))
        {
            await AlertEndpoints.AnswerAsync(context, asked);
            return;
        }

        var queued = await EndOfAsync(key, context.RequestAborted);
        var report = queued?.State switch
        {
            MessageState.Sent => new ChannelTest(channel, "sent", $"{channel} took the test message"),
            MessageState.Failed => new ChannelTest(channel, "failed", $"{channel} refused the test message: {queued!.Trouble}"),
            _ => new ChannelTest(channel, "waiting", $"{channel} has not taken the test message yet{(Trouble(channel, queued) is { } trouble ? $": {trouble}" : "")}; it is tried again by itself"),
        };
        await ApiAnswer.OkAsync(context, report, AlertApiJson.Default.ChannelTest);
    }

    private string? Trouble(string channel, QueuedMessage? queued) => delivery.LaneOf(channel).Trouble ?? queued?.Trouble;

    /// <summary>The message when it is no longer in the queue, or as it is when patience ends.</summary>
    private async Task<QueuedMessage?> EndOfAsync(string key, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        while (true)
        {
            var version = feed.Version;
            var queued = await messages.OneAsync(key) is Stored<QueuedMessage?>.Ok(var found) ? found : null;
            if (queued is { State: not MessageState.Waiting }) return queued;
            try
            {
                await feed.ChangedAsync(version, either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return queued;
            }
        }
    }
}
