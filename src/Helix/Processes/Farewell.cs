namespace Helix.Processes;

/// <summary>The end of everything: first the daemon, then the engines, each asked and then made; then whatever is left.</summary>
internal sealed class Farewell(IReadOnlyList<KeptProcess> daemons, KeptChildren children)
{
    private static readonly TimeSpan s_daemonGrace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_engineGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private Stage _stage = Stage.Begin;
    private TimeSpan _until;

    private enum Stage
    {
        Begin,
        Daemon,
        Engines,
        Rest,
    }

    /// <summary>How often to tend: the members of a group die without a sign.</summary>
    public static TimeSpan Pace { get; } = TimeSpan.FromMilliseconds(20);

    /// <summary>One look and one step.</summary>
    /// <returns>True when nothing of ours lives any more, or what lives cannot be killed.</returns>
    public bool Tend(TimeSpan now)
    {
        children.Collect();
        foreach (var daemon in daemons)
            daemon.TryCollect();
        var daemonsLive = daemons.Any(daemon => daemon.Exit is null);
        switch (_stage)
        {
            case Stage.Begin:
                SignalDaemons(NativeLibc.SignalTerminate);
                Enter(Stage.Daemon, now + s_daemonGrace);
                return false;
            case Stage.Daemon when !daemonsLive || now >= _until:
                SignalDaemons(NativeLibc.SignalKill);
                children.SignalAll(NativeLibc.SignalTerminate);
                Enter(Stage.Engines, now + s_engineGrace);
                return false;
            case Stage.Engines when !children.Living.Any() || now >= _until:
                children.SignalAll(NativeLibc.SignalKill);
                Enter(Stage.Rest, now + s_patience);
                return false;
            case Stage.Rest:
                var strays = children.KillStrays();
                CollectStrays();
                return (strays == 0 && !daemonsLive && !children.Living.Any()) || now >= _until;
            default:
                return false;
        }
    }

    private static void CollectStrays()
    {
        while (NativeLibc.Collect(-1, out _) > 0)
        {
        }
    }

    private void SignalDaemons(int signal)
    {
        foreach (var daemon in daemons)
            daemon.Signal(signal);
    }

    private void Enter(Stage stage, TimeSpan until)
    {
        _stage = stage;
        _until = until;
    }
}
