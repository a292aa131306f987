using System.Collections.Concurrent;
using Helix.Core.Alerts;
using Helix.Core.History;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Alerts;

/// <summary>
/// Sends what waits in the queue, each channel in a lane of its own and in order. A message is taken out when its channel confirmed it. Between that and
/// the note of it lies one write to the database: a daemon that dies just there sends it a second time, with the same key, rather than never.
/// </summary>
internal sealed partial class AlertDelivery(IEnumerable<IAlertChannel> channels, MessageTable messages, AlertFeed feed, Action<HistoryEvent> tell, Func<double> draw, TimeProvider time, ILogger<AlertDelivery> log) : BackgroundLoop
{
    private const string ChannelBack = "channel_back";

    /// <summary>A channel that failed so often may have been told to be down.</summary>
    private const int Many = 3;

    /// <summary>What somebody else began to send, and did not end, is looked for so often.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(30);

    private readonly IAlertChannel[] _channels = [.. channels];
    private readonly ConcurrentDictionary<string, ChannelLane> _lanes = new(StringComparer.Ordinal);

    /// <summary>Channels that were set up anew: what they waited for is no reason to wait any more.</summary>
    private readonly ConcurrentDictionary<string, bool> _renewed = new(StringComparer.Ordinal);

    /// <summary>Cancelled to look into <see cref="_renewed"/>.</summary>
    private CancellationTokenSource _renewal = new();

    /// <summary>Channels that took a message of this daemon.</summary>
    private readonly ConcurrentDictionary<string, bool> _worked = new(StringComparer.Ordinal);

    /// <summary>Sent, and not noted as sent: the database refused. They are not sent again by this daemon.</summary>
    private readonly ConcurrentDictionary<long, bool> _unnoted = new();

    public IReadOnlyList<IAlertChannel> Channels => _channels;

    public ChannelLane LaneOf(string channel) => _lanes.GetValueOrDefault(channel, ChannelLane.Well);

    /// <summary>A channel was set up, otherwise than before: it is tried at once.</summary>
    public void Renew(string channel)
    {
        _renewed[channel] = true;
        Interlocked.Exchange(ref _renewal, new CancellationTokenSource()).Cancel();
        feed.Note();
    }

    protected override Task RunAsync(CancellationToken stoppingToken) => Task.WhenAll(_channels.Select(channel => RunAsync(channel, stoppingToken)));

    /// <summary>Sends the next message of a channel, where one waits and it is time.</summary>
    /// <returns>For how long there is nothing to do; null where another message may wait.</returns>
    internal async Task<TimeSpan?> SendNextAsync(IAlertChannel channel, CancellationToken cancellationToken)
    {
        if (channel.Policy is null) return s_look;
        if (LaneOf(channel.Id).Wait(time.GetUtcNow()) is var wait && wait > TimeSpan.Zero) return wait;
        switch (await messages.ClaimAsync(channel.Id, time.GetUtcNow()))
        {
            case Stored<Claim>.Ok(Claim(null)): return s_look;
            case Stored<Claim>.Ok(Claim({ } queued)):
                await SendAsync(channel, queued, cancellationToken);
                feed.Note();
                return null;
            default: return s_look;
        }
    }

    private async Task RunAsync(IAlertChannel channel, CancellationToken cancellationToken)
    {
        while (true)
        {
            // before the look at what was renewed, so that nothing comes between the two unseen
            var (version, renewal) = (feed.Version, Volatile.Read(ref _renewal));
            if (_renewed.TryRemove(channel.Id, out _) && _lanes.TryGetValue(channel.Id, out var lane)) _lanes[channel.Id] = lane.Renewed();
            // what was the trouble with one that was removed is nobody's any more
            if (channel.Policy is null) _lanes.TryRemove(channel.Id, out _);
            if (await SendNextAsync(channel, cancellationToken) is not { } wait) continue;
            // one that fails is not woken by what comes: its pause is its own
            if (LaneOf(channel.Id).Failures > 0) await PauseAsync(wait, renewal.Token, cancellationToken);
            else await NewsAsync(version, wait, cancellationToken);
        }
    }

    private async Task SendAsync(IAlertChannel channel, QueuedMessage queued, CancellationToken cancellationToken)
    {
        if (_unnoted.ContainsKey(queued.Id))
        {
            await NoteSentAsync(channel, queued);
            return;
        }

        if (time.GetUtcNow() - queued.Message.At > DeliveryPolicy.GivenUp)
        {
            await GiveUpAsync(channel, queued, $"it could not be sent within {DeliveryPolicy.GivenUp.TotalDays:0} days: {queued.Trouble}");
            return;
        }

        switch (await TryAsync(channel, queued.Message, cancellationToken))
        {
            case Delivery.Sent: await NoteSentAsync(channel, queued); break;
            // what others answered is shown, too
            case Delivery.Refused(var reason):
                await GiveUpAsync(channel, queued, AlertWords.Clean(reason));
                Refuse(channel, AlertWords.Clean(reason));
                break;
            case Delivery.Later(var reason, var after):
                await messages.LaterAsync(queued.Id, AlertWords.Clean(reason));
                Fail(channel, AlertWords.Clean(reason), after);
                break;
        }
    }

    private async Task<Delivery> TryAsync(IAlertChannel channel, AlertMessage message, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(DeliveryPolicy.Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await channel.SendAsync(message, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Delivery.Later($"it did not answer within {DeliveryPolicy.Patience.TotalSeconds:0} s");
        }
        catch (Exception broken) when (broken is not OperationCanceledException)
        {
            // one message of one channel; the others go on
            LogBroken(channel.Id, broken);
            return new Delivery.Later(broken.Message);
        }
    }

    private async Task NoteSentAsync(IAlertChannel channel, QueuedMessage queued)
    {
        if (await messages.SentAsync(queued.Id, time.GetUtcNow()) is Stored<bool>.Failed failed)
        {
            _unnoted[queued.Id] = true;
            Fail(channel, failed.Reason, null);
            return;
        }

        _unnoted.TryRemove(queued.Id, out _);
        // it may have been told to be down, by this daemon or the one before
        if (LaneOf(channel.Id).IsDown || queued.Tries >= Many || await WasInVainAsync(channel, queued))
            tell(new(time.GetUtcNow(), HistoryKind.Self, Severity.Info, null, channel.Id, ChannelBack, $"the alert channel {channel.Id} works again"));
        _lanes[channel.Id] = ChannelLane.Well;
    }

    /// <summary>The daemon before told that it refuses, and this is the first message that it takes from this one.</summary>
    private async Task<bool> WasInVainAsync(IAlertChannel channel, QueuedMessage queued) =>
        _worked.TryAdd(channel.Id, true) && await messages.WasInVainAsync(channel.Id, queued.Id) is Stored<bool>.Ok(true);

    private async Task GiveUpAsync(IAlertChannel channel, QueuedMessage queued, string reason)
    {
        await messages.FailedAsync(queued.Id, reason, time.GetUtcNow());
        tell(new(time.GetUtcNow(), HistoryKind.Self, Severity.Error, null, channel.Id, "message_refused", $"a message for the alert channel {channel.Id} is not sent: {reason}. It said: {AlertText.Title(queued.Message)}"));
    }

    private void Fail(IAlertChannel channel, string reason, TimeSpan? after)
    {
        var (now, before) = (time.GetUtcNow(), LaneOf(channel.Id));
        var next = before.Failed(reason, after, now, draw());
        _lanes[channel.Id] = next;
        if (next.Failures == 1) LogFails(channel.Id, reason);
        if (next.IsDown && !before.IsDown)
            tell(new(now, HistoryKind.Alert, Severity.Warning, null, channel.Id, AlertCauses.ChannelDown, $"the alert channel {channel.Id} has not worked since {AlertText.Moment(next.FailsSince ?? now)}: {reason}; what it should tell waits, and is sent when it works again"));
    }

    /// <summary>Who reads only this channel would never know of it. Further messages are tried, and what they come to is no news.</summary>
    private void Refuse(IAlertChannel channel, string reason)
    {
        var (now, before) = (time.GetUtcNow(), LaneOf(channel.Id));
        _lanes[channel.Id] = before.Refused(reason, now);
        // one that was removed while it was asked is nobody's trouble any more, and nothing would ever end it
        if (!before.IsRefused && channel.Policy is not null)
            tell(new(now, HistoryKind.Alert, Severity.Warning, null, channel.Id, AlertCauses.ChannelRefused, $"the alert channel {channel.Id} refuses what helix tells there: {ChannelAnswers.Why(reason, channel.Id)}; what it refused is not sent again, and stands in: helix alerts list --state all"));
    }

    private async Task PauseAsync(TimeSpan span, CancellationToken renewal, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(renewal, cancellationToken);
        try
        {
            await Task.Delay(span, time, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // some channel was set up anew
        }
    }

    private async Task NewsAsync(long version, TimeSpan most, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(most, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await feed.ChangedAsync(version, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // it is time to look
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the alert channel {Channel} fails: {Reason}; it is tried again")]
    private partial void LogFails(string channel, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "the alert channel {Channel} broke")]
    private partial void LogBroken(string channel, Exception broken);
}
