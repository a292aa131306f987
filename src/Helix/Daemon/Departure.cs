using System.Runtime.InteropServices;
using Helix.Processes;

namespace Helix.Daemon;

/// <summary>
/// How a daemon goes. Asked by a signal, it ends its loops, tells the keeper that a successor may come, and answers to the end what it has begun;
/// the successor serves all else meanwhile. Where none will come (<c>helix stop</c>), or a loop broke, it has a few seconds.
/// </summary>
internal sealed partial class Departure(KeeperClient keeper, IHostApplicationLifetime life, ILogger<Departure> log) : IHostLifetime, IDisposable
{
    /// <summary>A large model on a small processor may write for long; nothing writes for ever.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>Less than the ten seconds after which the keeper kills.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(9);
    private static readonly TimeSpan s_loopsGrace = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _patience = new();

    /// <summary>True where a signal asked, false where the host stops by itself.</summary>
    private readonly TaskCompletionSource<bool> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PosixSignalRegistration[] _signals = [];
    private volatile bool _handedOver;

    /// <summary>A successor serves what comes from now on: connections are not kept for more than the answer that is being given.</summary>
    public bool HasHandedOver => _handedOver;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _signals = [PosixSignalRegistration.Create(PosixSignal.SIGTERM, Take), PosixSignalRegistration.Create(PosixSignal.SIGINT, Take)];
        life.ApplicationStopping.Register(() => _asked.TrySetResult(false));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Waits until the daemon is asked to go, and goes.</summary>
    /// <param name="app">Has started.</param>
    public async Task WaitAndLeaveAsync(IHost app)
    {
        var byHand = await _asked.Task;
        if (!byHand || !await HandOverAsync(app.Services.GetServices<IHostedService>().OfType<BackgroundService>())) _patience.CancelAfter(s_grace);
        await app.StopAsync(_patience.Token);
    }

    public void Dispose()
    {
        foreach (var signal in _signals) signal.Dispose();
        _patience.Dispose();
    }

    private void Take(PosixSignalContext signal)
    {
        signal.Cancel = true;
        // who is asked twice is in a hurry
        if (!_asked.TrySetResult(true)) _patience.CancelAfter(s_grace);
    }

    /// <returns>False if there will be no successor.</returns>
    private async Task<bool> HandOverAsync(IEnumerable<BackgroundService> loops)
    {
        try
        {
            using var grace = new CancellationTokenSource(s_loopsGrace);
            await Task.WhenAll(loops.Select(loop => loop.StopAsync(grace.Token)));
            var self = Environment.ProcessId;
            await keeper.HandedOverAsync(new ProcessIdentity("daemon", self, ProcessTable.StartTicks(self)), CancellationToken.None);
            _handedOver = true;
            LogHandedOver();
            return true;
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or OperationCanceledException)
        {
            LogNoSuccessor(e.Message);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "handed over; what is being answered here is answered to its end")]
    private partial void LogHandedOver();

    [LoggerMessage(Level = LogLevel.Information, Message = "going without a successor: {Reason}")]
    private partial void LogNoSuccessor(string reason);
}
