using Helix.Core.Processes;
using Helix.Storage;

namespace Helix.Processes;

/// <summary>
/// Runs in the daemon and watches the one who watches it: when the keeper dies, another is started with the very same listening sockets,
/// so that no connection is refused, and adopts all that lives.
/// </summary>
internal sealed partial class KeeperRevival : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly HelixHome _home;
    private readonly RunFolder _folder;
    private readonly string _executable;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    // copies of our own: the server closes its descriptors when it stops
    private readonly List<(PassedListener Listener, int Copy)> _listeners = [];

    /// <summary>A keeper that we started is our child, and its remains are ours to collect.</summary>
    private int? _child;

    public KeeperRevival(HelixHome home, RunFolder folder, InheritedListeners listeners, string executable, TimeProvider time, ILogger<KeeperRevival> logger)
    {
        _home = home;
        _folder = folder;
        _executable = executable;
        _time = time;
        _logger = logger;
        foreach (var listener in listeners.All)
            _listeners.Add((listener, NativeLibc.Duplicate(listener.Descriptor)));
    }

    /// <summary>Until cancelled: to be run from the daemon's start, since it also tells the keeper that the daemon works.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await WatchUntilItEndsAsync(cancellationToken);
                await ReviveAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    public void Dispose()
    {
        foreach (var (_, copy) in _listeners)
            NativeLibc.Close(copy);
    }

    private async Task WatchUntilItEndsAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var line = await KeeperLine.OpenAsync(_folder, TimeSpan.Zero, _time, cancellationToken);
            await line.AskAsync(new KeeperRequest("watch"), cancellationToken);
            while (true)
                await line.NextAsync(cancellationToken);
        }
        catch (KeeperGoneException)
        {
            // what we were waiting for
        }
    }

    private async Task ReviveAsync(CancellationToken cancellationToken)
    {
        // its sockets close before it is gone; or it lives, has taken another program's place, and is back in a moment
        var begun = _time.GetTimestamp();
        while (Journal.Load(_folder) is { } journal && Journal.IsAlive(journal.Keeper) && _time.GetElapsedTime(begun) < s_patience)
        {
            if (await AnswersAsync(TimeSpan.Zero, cancellationToken))
                return;
            await Task.Delay(s_pace, _time, cancellationToken);
        }

        try
        {
            var pid = Start();
            LogRevived(pid);
            if (await AnswersAsync(s_patience, cancellationToken))
                return;
            LogSilent(pid);
        }
        catch (SpawnFailedException exception)
        {
            LogFailed(exception.Message);
        }

        await Task.Delay(s_pause, _time, cancellationToken);
    }

    private int Start()
    {
        if (_child is { } last)
            NativeLibc.Collect(last, out _);
        var environment = KeeperEnvironment.Ours();
        const int first = 3;
        var passed = _listeners.Select((listener, i) => (listener.Copy, Announced: listener.Listener with { Descriptor = first + i })).ToList();
        environment[PassedListener.Variable] = PassedListener.Format(passed.Select(one => one.Announced));
        _child = NativeSpawn.Start(
            new LaunchSpec("keeper", _executable, ["keeper", "--home", _home.Root, "--adopt"], environment, _home.Root, _home.KeeperLog),
            [.. passed.Select(one => new PassedDescriptor(one.Copy, one.Announced.Descriptor))]);
        return _child.Value;
    }

    private async Task<bool> AnswersAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            using var line = await KeeperLine.OpenAsync(_folder, patience, _time, cancellationToken);
            return true;
        }
        catch (KeeperGoneException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the keeper died; another, {Pid}, takes over")]
    private partial void LogRevived(int pid);

    [LoggerMessage(Level = LogLevel.Error, Message = "the new keeper {Pid} does not answer; its log says why; trying again")]
    private partial void LogSilent(int pid);

    [LoggerMessage(Level = LogLevel.Error, Message = "no new keeper could be started: {Reason}; trying again")]
    private partial void LogFailed(string reason);
}
