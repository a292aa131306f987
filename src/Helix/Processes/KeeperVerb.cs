using System.Net.Sockets;
using Helix.Sandbox;
using Helix.Storage;

namespace Helix.Processes;

/// <summary><c>helix keeper</c>: hidden, started by <c>helix start</c> and, should it die, by the daemon.</summary>
internal static class KeeperVerb
{
    public const int Done = 0;
    public const int BadArguments = 2;
    public const int AnotherKeeper = 3;
    public const int NoRunFolder = 4;
    public const int NoAddress = 5;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(50);

    /// <returns>One of the codes above; every other than 0 has its reason on stderr, but for <see cref="AnotherKeeper"/>, which is no trouble.</returns>
    public static int Run(string[] arguments)
    {
        var (options, error) = KeeperOptions.Parse(arguments);
        if (options is null)
            return Say(BadArguments, $"helix keeper: {error}.");
        if (RunFolder.Prepare(options.Home) is RunFolderOutcome.Refused refused)
            return Say(NoRunFolder, $"{refused.Reason} {refused.Remedy}");
        var folder = RunFolder.Find(options.Home)!;

        Directory.CreateDirectory(Path.GetDirectoryName(options.Home.KeeperLog)!);
        var log = new KeeperLog(options.Home.KeeperLog, TimeProvider.System);
        if (!options.Adopt && DaemonBringsAnotherKeeper(folder, options, log))
            return AnotherKeeper;
        using var taken = Take(folder, options);
        if (taken is null)
            return AnotherKeeper;
        taken.Sign(log);

        NativeLibc.ShareNothing();
        NativeLibc.RestrictNewFiles();
        NativeLibc.BecomeSubreaper();
        if (options.Sweep)
            return Sweep(options, folder, taken);
        try
        {
            var listeners = options.Adopt
                ? ListenerSet.Adopt(folder, InheritedListeners.FromEnvironment() ?? throw new InvalidDataException("no sockets were passed."))
                : ListenerSet.Bind(folder, options.Listen);
            log.Write($"keeper {Environment.ProcessId} {(options.Adopt ? "takes over" : "starts")}, gateway at {listeners.Gateway}");
            using var keeper = new Keeper(options, folder, listeners, log, TimeProvider.System);
            keeper.Run();
            log.Write("stopped");
            return Leave(options.Home, folder, taken);
        }
        catch (Exception exception) when (exception is SocketException or InvalidDataException)
        {
            log.Write($"no address: {exception.Message}");
            return Say(NoAddress, $"helix cannot listen on {options.Listen}: {exception.Message}");
        }
    }

    private static int Say(int code, string words)
    {
        Console.Error.WriteLine(words);
        return code;
    }

    // A daemon without a keeper starts one and gives it the sockets. One that does not is no good, and its sockets are lost with it.
    private static bool DaemonBringsAnotherKeeper(RunFolder folder, KeeperOptions options, KeeperLog log)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var orphans = Journal.Load(folder)?.Daemon.Where(Journal.IsAlive).ToList();
            if (orphans is null or [] || options.Sweep)
                return false;
            using (var free = KeeperLock.TryTake(folder, options.Home))
            {
                if (free is null)
                    return true;
            }

            if (TimeProvider.System.GetElapsedTime(begun) > s_patience)
            {
                foreach (var orphan in orphans)
                {
                    log.Write($"the daemon {orphan.Pid} has no keeper and finds none: it is killed");
                    NativeLibc.KillGroup(orphan.Pid, NativeLibc.SignalKill);
                }

                // the port is free when they are gone
                while (orphans.Exists(Journal.IsAlive) && TimeProvider.System.GetElapsedTime(begun) < 2 * s_patience)
                    NativeLibc.Rest(s_pace);
                return false;
            }

            NativeLibc.Rest(s_pace);
        }
    }

    // one that can be named stays; one that cannot is coming or going, and a keeper that died is followed by one that adopts
    private static KeeperLock? Take(RunFolder folder, KeeperOptions options)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var taken = KeeperLock.TryTake(folder, options.Home);
            if (taken is not null || (!options.Adopt && KeeperLock.Holder(options.Home) is not null) || TimeProvider.System.GetElapsedTime(begun) > TimeSpan.FromSeconds(1))
                return taken;
            NativeLibc.Rest(s_pace);
        }
    }

    private static int Sweep(KeeperOptions options, RunFolder folder, KeeperLock taken)
    {
        var children = new KeptChildren();
        var daemons = new List<KeptProcess>();
        if (Journal.Load(folder) is { } journal)
        {
            foreach (var entry in journal.Children)
                children.Adopt(entry);
            daemons.AddRange(journal.Daemon.Select(daemon => KeptProcess.Adopt(daemon, options.Home.DaemonLog)).OfType<KeptProcess>());
        }

        var farewell = new Farewell(daemons, children);
        var begun = TimeProvider.System.GetTimestamp();
        while (!farewell.Tend(TimeProvider.System.GetElapsedTime(begun)))
            NativeLibc.Rest(Farewell.Pace);
        return Leave(options.Home, folder, taken);
    }

    // all is free before anybody is told that all is done
    private static int Leave(HelixHome home, RunFolder folder, KeeperLock taken)
    {
        ControlGroups.Sweep(new SandboxMachine(home, Environment.ProcessPath!).GroupPrefix);
        taken.Resign(home);
        folder.Remove(home);
        taken.Dispose();
        return Done;
    }
}
