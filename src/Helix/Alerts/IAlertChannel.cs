using Helix.Core.Alerts;

namespace Helix.Alerts;

/// <summary>
/// One way to tell somebody. The queue, the order, the pauses between tries and what is told at all are not its matter: it gets one message at a
/// time, and says what became of it.
/// </summary>
internal interface IAlertChannel
{
    /// <summary>A stable word: <c>web</c>, <c>command_line</c>.</summary>
    string Id { get; }

    /// <summary>Whom it tells of what, by the configuration of this moment; null where it is not set up, or switched off.</summary>
    ChannelPolicy? Policy { get; }

    /// <summary>
    /// Tells it. A message may come a second time, with the same <see cref="AlertMessage.Key"/>: after a crash nobody knows whether the first try
    /// arrived. Where the other side can tell a message by a key of its sender's, it is given this one.
    /// </summary>
    /// <param name="cancellationToken">Also after <see cref="DeliveryPolicy.Patience"/>: it counts as not sent then.</param>
    Task<Delivery> SendAsync(AlertMessage message, CancellationToken cancellationToken);
}

/// <summary>What became of a message.</summary>
internal abstract record Delivery
{
    private Delivery() { }

    /// <summary>Whoever is behind the channel confirmed that he has it.</summary>
    internal sealed record Sent : Delivery;

    /// <summary>Not now. It is tried again.</summary>
    /// <param name="Reason">Without secrets: it is shown.</param>
    /// <param name="After">Not before; null: as the queue's own pauses are.</param>
    internal sealed record Later(string Reason, TimeSpan? After = null) : Delivery;

    /// <summary>Never, as it is: the message or the channel's setup is at fault. It is not tried again, and the next one is.</summary>
    /// <param name="Reason">Without secrets: it is shown.</param>
    internal sealed record Refused(string Reason) : Delivery;
}
