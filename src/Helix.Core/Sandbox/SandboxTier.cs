namespace Helix.Core.Sandbox;

/// <summary>The ways to shut an engine in, the weakest first.</summary>
internal enum SandboxTier
{
    None,

    /// <summary>It runs beside everything else; the kernel refuses it files, sockets and calls.</summary>
    Landlock,

    /// <summary>Namespaces of its own, made by <c>unshare</c> of util-linux.</summary>
    Unshare,

    /// <summary>The same, made by bubblewrap.</summary>
    Bubblewrap,

    /// <summary>macOS's own, and the only one there.</summary>
    Seatbelt,
}

/// <summary>What an engine may speak to over a network.</summary>
internal enum SandboxNetwork
{
    /// <summary>All that the machine can reach.</summary>
    Machine,

    /// <summary>Its own processes, on a loopback of its own where the tier has one.</summary>
    Loopback,

    /// <summary>Nothing: it is spoken to over a unix socket.</summary>
    None,
}
