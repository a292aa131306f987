namespace Helix.Cli;

/// <summary>The keeper as the command line needs it.</summary>
internal interface IKeeper
{
    /// <summary>Where the daemon of this home answers; null when nothing runs, or never did.</summary>
    string? Socket { get; }

    /// <summary>Starts the keeper, which starts the daemon; does nothing where one runs already.</summary>
    /// <returns>Null when it runs, else why not.</returns>
    Task<KeeperTrouble?> StartAsync(CancellationToken cancellationToken);

    /// <summary>Ends everything that belongs to this home, and returns when it is gone.</summary>
    /// <returns>False when nothing ran.</returns>
    Task<bool> QuitAsync(CancellationToken cancellationToken);

    /// <summary>Lets the keeper replace the daemon with a new one; engines go on.</summary>
    /// <returns>False when nothing runs.</returns>
    Task<bool> RenewAsync(CancellationToken cancellationToken);
}

/// <param name="ExitCode">Of <see cref="ExitCodes"/>.</param>
internal sealed record KeeperTrouble(int ExitCode, string Reason, string? Remedy);
