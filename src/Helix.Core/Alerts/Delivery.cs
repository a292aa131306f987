namespace Helix.Core.Alerts;

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
