using System.Net;
using Helix.Processes;

namespace Helix.Cli;

/// <summary>The keeper as the command line needs it.</summary>
internal interface IKeeper
{
    /// <summary>Where the daemon of this home answers; null when nothing runs, or never did.</summary>
    string? Socket { get; }

    /// <summary>Why this home cannot be spoken to although something runs, or may run, there; null when it can, or when nothing does.</summary>
    KeeperTrouble? Trouble { get; }

    /// <summary>Makes the home ready to be used.</summary>
    /// <returns>Null when it is, else why not.</returns>
    KeeperTrouble? Prepare();

    /// <summary>Starts the keeper, which starts the daemon; does nothing where one runs already.</summary>
    /// <returns>Null when it runs, else why not.</returns>
    Task<KeeperTrouble?> StartAsync(IPEndPoint listen, CancellationToken cancellationToken);

    /// <summary>Whether somebody keeps this home now.</summary>
    Task<KeeperLife> LookAsync(CancellationToken cancellationToken);

    /// <summary>Whether the daemon ends again and again before it answers; null when it does not, or when nobody can say.</summary>
    Task<DaemonTrouble?> DaemonTroubleAsync(CancellationToken cancellationToken);

    /// <summary>Ends everything that belongs to this home, and returns when it is gone.</summary>
    /// <returns>False when nothing ran.</returns>
    Task<bool> QuitAsync(CancellationToken cancellationToken);

    /// <summary>Has the daemon followed by a new one; engines go on.</summary>
    /// <returns>Null when it is on its way, else why not.</returns>
    Task<string?> RenewAsync(CancellationToken cancellationToken);
}

/// <param name="ExitCode">Of <see cref="ExitCodes"/>.</param>
internal sealed record KeeperTrouble(int ExitCode, string Reason, string? Remedy);
