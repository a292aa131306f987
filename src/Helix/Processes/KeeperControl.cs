using System.Net;
using Helix.Storage;

namespace Helix.Processes;

/// <summary>What the command line does with the keeper of a home.</summary>
internal static class KeeperControl
{
    private static readonly TimeSpan s_startTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_meetTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(2);

    public static async Task<bool> IsRunningAsync(HelixHome home, TimeProvider time, CancellationToken cancellationToken)
    {
        using var line = await TryOpenAsync(home, time, cancellationToken);
        return line is not null;
    }

    /// <summary>Starts a keeper that belongs to no terminal, and waits until it answers; the daemon may still be on its way.</summary>
    /// <param name="arguments">More of the hidden verb's options, <c>--daemon-argument X</c> for one.</param>
    public static async Task<KeeperStart> StartDetachedAsync(
        string executable, HelixHome home, IPEndPoint listen, IReadOnlyList<string> arguments, TimeProvider time, CancellationToken cancellationToken)
    {
        if (RunFolder.Prepare(home) is RunFolderOutcome.Refused refused)
            return new KeeperStart.Failed(refused.Reason, refused.Remedy);
        if (await IsRunningAsync(home, time, cancellationToken))
            return new KeeperStart.RunsAlready();

        // a keeper that was there and is gone when it is to be met has died: then it is as if it had never been there
        for (var begun = time.GetTimestamp(); ;)
        {
            if (await StartOneAsync(executable, home, listen, arguments, time, cancellationToken) is { } outcome)
                return outcome;
            if (time.GetElapsedTime(begun) >= s_startTime)
                return new KeeperStart.Failed("Another keeper of this home was there, and is gone.", "Start helix again.");
        }
    }

    private static async Task<KeeperStart?> StartOneAsync(
        string executable, HelixHome home, IPEndPoint listen, IReadOnlyList<string> arguments, TimeProvider time, CancellationToken cancellationToken)
    {
        int pid;
        try
        {
            pid = Spawn(executable, home, ["--listen", listen.ToString(), .. arguments]);
        }
        catch (SpawnFailedException exception)
        {
            return new KeeperStart.Failed(exception.Message, "Build helix again: ./helix version");
        }

        var begun = time.GetTimestamp();
        while (time.GetElapsedTime(begun) < s_startTime)
        {
            if (NativeLibc.Collect(pid, out var status) == pid)
            {
                return (status >> 8) == KeeperVerb.AnotherKeeper
                    ? await MeetAsync(home, time, cancellationToken)
                    : new KeeperStart.Failed(LastWords(home), $"The whole story is in {home.KeeperLog}.");
            }

            if (RunFolder.Find(home) is { } folder && Journal.Load(folder)?.Keeper.Pid == pid)
                return new KeeperStart.Started(pid);
            await Task.Delay(s_pace, time, cancellationToken);
        }

        return new KeeperStart.Failed($"helix's keeper {pid} runs but does not answer.", $"See {home.KeeperLog}.");
    }

    /// <summary>Stops everything and waits until nothing is left. Also clears away what a killed keeper and daemon left behind.</summary>
    /// <returns>False when there was nothing to stop.</returns>
    public static async Task<bool> QuitAsync(string executable, HelixHome home, TimeProvider time, CancellationToken cancellationToken)
    {
        var keeper = KeeperLock.Holder(home);
        if (await TryOpenAsync(home, time, cancellationToken) is { } line)
        {
            while (!await HasHeardQuitAsync(line, cancellationToken) && await BackAsync(home, keeper, time, cancellationToken) is { } again) line = again;
            // it says that all is done a moment before its own end
            await EndedAsync(keeper, time, cancellationToken);
            if (RunFolder.Find(home) is null)
                return true;
        }
        else if (keeper is { } holder)
        {
            // its socket is lost: what is left is to ask it the way a system does
            NativeLibc.Kill(holder.Pid, NativeLibc.SignalTerminate);
            await EndedAsync(holder, time, cancellationToken);
            if (RunFolder.Find(home) is null)
                return true;
        }
        else if (RunFolder.Find(home) is null)
        {
            if (RunFolder.IsLinked(home) && RunFolder.Unusable(home) is null)
                File.Delete(home.RunLink);
            return false;
        }

        var pid = Spawn(executable, home, ["--sweep"]);
        while (NativeLibc.Collect(pid, out _) == 0)
            await Task.Delay(s_pace, time, cancellationToken);
        return true;
    }

    /// <param name="line">Is closed.</param>
    /// <returns>Once the keeper lets go of it: that is how it says that all is done. False when it went without an answer.</returns>
    private static async Task<bool> HasHeardQuitAsync(KeeperLine line, CancellationToken cancellationToken)
    {
        using var closed = line;
        var hasHeard = false;
        try
        {
            await line.AskAsync(new KeeperRequest("quit"), cancellationToken);
            hasHeard = true;
            while (true)
                await line.NextAsync(cancellationToken);
        }
        catch (KeeperGoneException)
        {
            return hasHeard;
        }
    }

    /// <summary>A keeper that goes on as another program lets go of all who speak to it, and listens again in a moment.</summary>
    /// <returns>Null when it has ended.</returns>
    private static async Task<KeeperLine?> BackAsync(HelixHome home, ProcessIdentity? keeper, TimeProvider time, CancellationToken cancellationToken)
    {
        while (keeper is not null && Journal.IsAlive(keeper))
        {
            if (await TryOpenAsync(home, time, cancellationToken) is { } line)
                return line;
            await Task.Delay(s_pace, time, cancellationToken);
        }

        return null;
    }

    /// <summary>Why a home cannot be spoken to although something runs, or may run, there; null when it can, or when nothing does.</summary>
    public static RunFolderOutcome.Refused? WhyUnreachable(HelixHome home)
    {
        var unusable = RunFolder.Unusable(home);
        if (KeeperLock.Holder(home) is not { } holder)
            return unusable;
        var what = unusable?.Reason ?? (RunFolder.Find(home) is { } folder ? $"Nobody answers at its sockets in {folder.Path}." : "The folder with its sockets is gone.");
        return new(
            $"helix runs (its keeper has the pid {holder.Pid}), but cannot be reached. {what}",
            unusable?.Remedy ?? "End it with \"helix stop\", which does without the sockets; then start it again.");
    }

    /// <summary>Whether somebody keeps this home.</summary>
    public static async Task<KeeperLife> LookAsync(HelixHome home, TimeProvider time, CancellationToken cancellationToken) =>
        KeeperLock.Holder(home) is not null || await IsRunningAsync(home, time, cancellationToken) ? KeeperLife.Lives
        : RunFolder.IsLinked(home) ? KeeperLife.Lost : KeeperLife.None;

    /// <summary>Whether the daemon ends again and again; null when it does not, or when nobody can say.</summary>
    public static async Task<DaemonTrouble?> DaemonTroubleAsync(HelixHome home, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            using var line = await TryOpenAsync(home, time, cancellationToken);
            return line is null ? null : (await line.AskAsync(new KeeperRequest("daemon"), cancellationToken)).Trouble;
        }
        catch (KeeperGoneException)
        {
            return null;
        }
    }

    /// <summary>Has the daemon followed by one of this program; engines go on.</summary>
    /// <returns>Null when it is on its way, else why not.</returns>
    public static Task<string?> RenewAsync(string executable, HelixHome home, TimeProvider time, CancellationToken cancellationToken) =>
        TellAsync(new KeeperRequest("renew", File: executable), home, time, cancellationToken);

    /// <summary>Has the keeper itself go on as this program, in place: same pid, same children.</summary>
    /// <returns>Null when it is done, else why not.</returns>
    public static Task<string?> ReplaceAsync(string executable, HelixHome home, TimeProvider time, CancellationToken cancellationToken) =>
        TellAsync(new KeeperRequest("replace", File: executable), home, time, cancellationToken);

    /// <summary>Another keeper has the home: it answers in a moment, unless its sockets are lost.</summary>
    /// <returns>Null when it is not there any more.</returns>
    private static async Task<KeeperStart?> MeetAsync(HelixHome home, TimeProvider time, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        while (!await IsRunningAsync(home, time, cancellationToken))
        {
            if (time.GetElapsedTime(begun) >= s_meetTime)
                return WhyUnreachable(home) is { } unreachable ? new KeeperStart.Failed(unreachable.Reason, unreachable.Remedy) : null;
            await Task.Delay(s_pace, time, cancellationToken);
        }

        return new KeeperStart.RunsAlready();
    }

    private static async Task EndedAsync(ProcessIdentity? keeper, TimeProvider time, CancellationToken cancellationToken)
    {
        while (keeper is not null && Journal.IsAlive(keeper))
            await Task.Delay(s_pace, time, cancellationToken);
    }

    private static async Task<string?> TellAsync(KeeperRequest request, HelixHome home, TimeProvider time, CancellationToken cancellationToken)
    {
        using var line = await TryOpenAsync(home, time, cancellationToken);
        return line is null ? "helix does not run." : (await line.AskAsync(request, cancellationToken)).Error;
    }

    private static async Task<KeeperLine?> TryOpenAsync(HelixHome home, TimeProvider time, CancellationToken cancellationToken)
    {
        if (RunFolder.Find(home) is not { } folder)
            return null;
        try
        {
            return await KeeperLine.OpenAsync(folder, TimeSpan.Zero, time, cancellationToken);
        }
        catch (KeeperGoneException)
        {
            return null;
        }
    }

    private static int Spawn(string executable, HelixHome home, IReadOnlyList<string> arguments)
    {
        NativeLibc.ShareNothing();
        return NativeSpawn.Start(
            new LaunchSpec("keeper", executable, ["keeper", "--home", home.Root, .. arguments], KeeperEnvironment.Ours(), home.Root, home.KeeperLog), []);
    }

    private static string LastWords(HelixHome home) => File.ReadLines(home.KeeperLog).LastOrDefault(line => line.Length > 0) ?? "helix's keeper ended without a word.";
}

/// <summary>What came of starting a keeper.</summary>
internal abstract record KeeperStart
{
    private KeeperStart() { }

    internal sealed record Started(int Pid) : KeeperStart;

    internal sealed record RunsAlready : KeeperStart;

    internal sealed record Failed(string Reason, string Remedy) : KeeperStart;
}
