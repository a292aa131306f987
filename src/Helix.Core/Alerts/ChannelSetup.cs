namespace Helix.Core.Alerts;

/// <summary>What somebody said of a channel, as he wrote it: the body of <c>PUT /helix/v1/alerts/channels/{channel}</c>, and what is kept, encrypted as a whole.</summary>
internal sealed record ChannelSetup
{
    /// <summary>Of a webhook of one's own, its address; with a bot of Slack, that of an API other than Slack's own.</summary>
    public string? Url { get; init; }

    /// <summary>What nobody else may know: an address that is a key in itself (Slack, Discord), a bot's token, a key to sign with, a password.</summary>
    public string? Secret { get; init; }

    /// <summary>Where a bot of Slack speaks; with it, <see cref="Secret"/> is the bot's token.</summary>
    public string? Place { get; init; }

    /// <summary>A host that takes mail, with or without a port.</summary>
    public string? Server { get; init; }

    /// <summary><c>starttls</c>, <c>tls</c> or <c>none</c>; null for what is usual at the port.</summary>
    public string? Safety { get; init; }

    /// <summary>By which name helix signs in there; null: without one.</summary>
    public string? User { get; init; }

    public string? From { get; init; }

    public IReadOnlyList<string>? To { get; init; }

    /// <summary>Nothing of it, wherever it is written by accident.</summary>
    public override string ToString() => nameof(ChannelSetup);
}
