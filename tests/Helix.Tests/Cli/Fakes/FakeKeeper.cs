using System.Net;
using Helix.Cli;
using Helix.Processes;

namespace Helix.Tests.Cli.Fakes;

/// <summary>A keeper whose daemon is wherever the test says.</summary>
internal sealed class FakeKeeper(string? socket = null) : IKeeper
{
    public string? Socket { get; set; } = socket;

    public IPEndPoint? Started { get; private set; }

    public int Quits { get; private set; }

    /// <summary>What stands in the way of a start, or of being reached.</summary>
    public KeeperTrouble? Trouble { get; set; }

    /// <summary>What a start brings to life.</summary>
    public Func<Task<string?>> OnStart { get; set; } = () => Task.FromResult<string?>(null);

    public Func<string?> OnRenew { get; set; } = () => null;

    public KeeperTrouble? Prepare() => Trouble is { ExitCode: ExitCodes.HomeUnusable } ? Trouble : null;

    public async Task<KeeperTrouble?> StartAsync(IPEndPoint listen, CancellationToken cancellationToken)
    {
        Started = listen;
        if (Trouble is not null) return Trouble;
        Socket ??= await OnStart();
        return null;
    }

    /// <summary>Null: it lives as long as there is a socket.</summary>
    public Func<KeeperLife>? OnLook { get; set; }

    public Task<KeeperLife> LookAsync(CancellationToken cancellationToken) =>
        Task.FromResult(OnLook?.Invoke() ?? (Socket is null ? KeeperLife.None : KeeperLife.Lives));

    public Func<DaemonTrouble?> OnDaemonTrouble { get; set; } = () => null;

    public Task<DaemonTrouble?> DaemonTroubleAsync(CancellationToken cancellationToken) => Task.FromResult(OnDaemonTrouble());

    public Task<bool> QuitAsync(CancellationToken cancellationToken)
    {
        var ran = Socket is not null;
        (Socket, Quits) = (null, Quits + 1);
        return Task.FromResult(ran);
    }

    public Task<string?> RenewAsync(CancellationToken cancellationToken) => Task.FromResult(OnRenew());
}
