namespace Helix.Gateway;

/// <summary>How one try to get an answer ended.</summary>
internal enum AttemptEnd
{
    /// <summary>The client has its answer or its error, or has left.</summary>
    Settled,

    /// <summary>The engine takes no connections, or no requests yet.</summary>
    NotThere,

    /// <summary>The engine went away after it got the request and before the client got any content.</summary>
    Died,

    /// <summary>It died so while it answered nobody else: the request may be what kills it.</summary>
    DiedAlone,

    /// <summary>Another one that was asked for the same answer was faster.</summary>
    Overtaken,

    /// <summary>It broke off in the middle of an answer that another may go on with.</summary>
    BrokeOff,

    /// <summary>It did not begin in time, and others might.</summary>
    TooSlow,

    /// <summary>The engine refused it, which others might not; the exchange holds its words.</summary>
    Refused,
}
