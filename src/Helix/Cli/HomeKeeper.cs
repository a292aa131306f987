using System.Net;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Cli;

/// <summary>The keeper of one home, reached through <see cref="KeeperControl"/>.</summary>
internal sealed class HomeKeeper(HelixHome home, TimeProvider time) : IKeeper
{
    private static string Self => Environment.ProcessPath!;

    public string? Socket => RunFolder.Find(home)?.Socket;

    public KeeperTrouble? Trouble => KeeperControl.WhyUnreachable(home) is { } why ? new(ExitCodes.HomeUnusable, why.Reason, why.Remedy) : null;

    public KeeperTrouble? Prepare() =>
        RunFolder.Prepare(home) is RunFolderOutcome.Refused refused ? new(ExitCodes.HomeUnusable, refused.Reason, refused.Remedy) : null;

    public async Task<KeeperTrouble?> StartAsync(IPEndPoint listen, CancellationToken cancellationToken) =>
        await KeeperControl.StartDetachedAsync(Self, home, listen, [], time, cancellationToken) is KeeperStart.Failed failed
            ? new(ExitCodes.StartFailed, failed.Reason, failed.Remedy)
            : null;

    public Task<KeeperLife> LookAsync(CancellationToken cancellationToken) => KeeperControl.LookAsync(home, time, cancellationToken);

    public Task<DaemonTrouble?> DaemonTroubleAsync(CancellationToken cancellationToken) => KeeperControl.DaemonTroubleAsync(home, time, cancellationToken);

    public Task<bool> QuitAsync(CancellationToken cancellationToken) => KeeperControl.QuitAsync(Self, home, time, cancellationToken);

    public Task<string?> RenewAsync(CancellationToken cancellationToken) => KeeperControl.RenewAsync(Self, home, time, cancellationToken);
}
