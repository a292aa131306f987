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

    /// <summary>Where its messages go, in words, without anything that is secret; null where that is clear from its name, or it is not set up.</summary>
    string? Where => null;

    /// <summary>Whom it tells of what, by the configuration of this moment; null where it is not set up, or switched off.</summary>
    ChannelPolicy? Policy { get; }

    /// <summary>
    /// Tells it. A message may come a second time, with the same <see cref="AlertMessage.Key"/>: after a crash nobody knows whether the first try
    /// arrived. Where the other side can tell a message by a key of its sender's, it is given this one.
    /// </summary>
    /// <param name="cancellationToken">Also after <see cref="DeliveryPolicy.Patience"/>: it counts as not sent then.</param>
    Task<Delivery> SendAsync(AlertMessage message, CancellationToken cancellationToken);
}
