using System.Runtime.CompilerServices;

namespace Helix.Processes;

/// <summary>The daemon's way to its keeper. It finds the next keeper by itself when one dies.</summary>
internal sealed class KeeperClient(RunFolder folder, TimeProvider time) : IProcessHost, IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    // one question at a time on the one line: answers come in the order of the questions
    private readonly SemaphoreSlim _turn = new(1);
    private KeeperLine? _line;

    public async Task<ProcessIdentity> SpawnAsync(LaunchSpec spec, CancellationToken cancellationToken)
    {
        var (reply, again) = await AskAsync(new KeeperRequest("spawn", Spec: spec), cancellationToken);
        // a keeper that died over the question may have started it: then the one that has the name is the one we wanted
        if (reply.Process is { } process && (again || reply.Error is null))
            return process;
        throw new SpawnFailedException(reply.Error ?? "The keeper did not say what it started.", reply.Process);
    }

    public Task SignalAsync(ProcessIdentity process, ProcessSignal signal, CancellationToken cancellationToken) =>
        SayAsync(new KeeperRequest("signal", Process: process, Signal: signal), cancellationToken);

    public Task AcknowledgeAsync(ProcessIdentity process, CancellationToken cancellationToken) =>
        SayAsync(new KeeperRequest("acknowledge", Process: process), cancellationToken);

    public async Task<IReadOnlyList<KnownProcess>> ListAsync(CancellationToken cancellationToken) =>
        (await SayAsync(new KeeperRequest("list"), cancellationToken)).Processes ?? [];

    /// <summary>Tells the keeper that a successor may own everything but the answers still being given here.</summary>
    /// <param name="daemon">The one that leaves.</param>
    /// <exception cref="InvalidOperationException">There will be no successor: everything is being stopped.</exception>
    public Task HandedOverAsync(ProcessIdentity daemon, CancellationToken cancellationToken) =>
        SayAsync(new KeeperRequest("handed_over", Process: daemon), cancellationToken);

    /// <summary>Binds the gateway's next address now; the next daemon gets it.</summary>
    /// <returns>The address that was had: the wanted port may be somebody else's.</returns>
    /// <exception cref="InvalidOperationException">It cannot be had; the message says why.</exception>
    public async Task<string> ListenAsync(string address, CancellationToken cancellationToken) =>
        (await SayAsync(new KeeperRequest("listen", Address: address), cancellationToken)).Address!;

    /// <summary>Asks for a daemon of another program, or for a fresh one of the same.</summary>
    public Task RenewAsync(string file, CancellationToken cancellationToken) => SayAsync(new KeeperRequest("renew", File: file), cancellationToken);

    /// <summary>As <see cref="RenewAsync"/>, but the program before is back if the new one does not say in time that it answers, or ends.</summary>
    /// <exception cref="InvalidOperationException">The keeper refuses, or is of an older release that cannot do it.</exception>
    public Task TryAsync(string file, TimeSpan patience, CancellationToken cancellationToken) => SayAsync(new KeeperRequest("try", File: file, Patience: patience), cancellationToken);

    /// <summary>The daemon that is tried answers.</summary>
    public Task AnswersAsync(ProcessIdentity daemon, CancellationToken cancellationToken) => SayAsync(new KeeperRequest("answers", Process: daemon), cancellationToken);

    /// <summary>What is tried is good.</summary>
    public Task KeepAsync(CancellationToken cancellationToken) => SayAsync(new KeeperRequest("keep"), cancellationToken);

    /// <summary>Has the keeper itself go on as this program, in place: same pid, same children.</summary>
    public Task ReplaceAsync(string file, CancellationToken cancellationToken) => SayAsync(new KeeperRequest("replace", File: file), cancellationToken);

    /// <summary>Why the program that was tried last was given up; null where it was not.</summary>
    public async Task<string?> UndoneAsync(CancellationToken cancellationToken) => (await SayAsync(new KeeperRequest("daemon"), cancellationToken)).Undone;

    public async IAsyncEnumerable<ProcessExit> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var line = await KeeperLine.OpenAsync(folder, s_patience, time, cancellationToken);
        await line.AskAsync(new KeeperRequest("watch"), cancellationToken);
        while (true)
        {
            if ((await line.NextAsync(cancellationToken)).Exit is { } exit)
                yield return exit;
        }
    }

    public void Dispose()
    {
        _line?.Dispose();
        _turn.Dispose();
    }

    private async Task<KeeperReply> SayAsync(KeeperRequest request, CancellationToken cancellationToken)
    {
        var (reply, _) = await AskAsync(request, cancellationToken);
        return reply.Error is null ? reply : throw new InvalidOperationException(reply.Error);
    }

    /// <returns>The answer, and whether the question had to be asked again because a keeper died over it.</returns>
    private async Task<(KeeperReply Reply, bool Again)> AskAsync(KeeperRequest request, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var begun = time.GetTimestamp();
            for (var again = false; ; again = true)
            {
                try
                {
                    _line ??= await KeeperLine.OpenAsync(folder, s_patience, time, cancellationToken);
                    return (await _line.AskAsync(request, cancellationToken), again);
                }
                catch (Exception exception)
                {
                    // whatever went wrong, also a caller who lost interest: an answer may still be on its way, so the line is done with
                    _line?.Dispose();
                    _line = null;
                    if (exception is not KeeperGoneException || time.GetElapsedTime(begun) >= s_patience)
                        throw;
                }
            }
        }
        finally
        {
            _turn.Release();
        }
    }
}
