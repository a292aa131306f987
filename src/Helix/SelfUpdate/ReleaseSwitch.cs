using Helix.Core.History;
using Helix.Core.SelfUpdate;
using Helix.Processes;
using Helix.Storage;

namespace Helix.SelfUpdate;

/// <summary>What a switch needs of the world.</summary>
/// <param name="Own">The program of this daemon.</param>
/// <param name="WhoAnswers">The pid of the daemon that answers at helix's socket; null for none.</param>
/// <param name="CopyDatabase">Into a new file.</param>
/// <param name="Commands">See <see cref="ProcessTable.Commands"/>.</param>
internal sealed record SwitchTools(string Own, KeeperClient Keeper, Func<CancellationToken, Task<int?>> WhoAnswers, Func<string, Task> CopyDatabase, Func<IReadOnlyList<string>> Commands);

/// <summary>
/// Puts another release in the place of this daemon. The keeper starts it when this one has handed over, and goes back by itself when it does not answer or
/// ends again; <c>current</c> leads to it only once it has answered. So whatever dies in between, what is used is what worked.
/// </summary>
internal sealed partial class ReleaseSwitch(HelixReleases releases, HelixHome home, SwitchTools tools, Action<HistoryEvent> tell, TimeProvider time, ILogger<ReleaseSwitch> log)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);

    /// <summary>The release of this daemon; null where it is of none.</summary>
    public string? Own => releases.VersionOf(tools.Own);

    /// <summary>Asks the keeper for it: this daemon is told to go a moment later.</summary>
    /// <param name="took">What this daemon took to start.</param>
    /// <exception cref="SelfUpdateException">The keeper refuses, and nothing is changed.</exception>
    public async Task ToAsync(HelixRelease release, TimeSpan took)
    {
        var before = releases.Memory;
        try
        {
            KeptDatabase.Forget(home);
            await tools.CopyDatabase(KeptDatabase.PathIn(home));
            releases.Remember(before with { Switch = new(release.Version, tools.Own, release.Commit, time.GetUtcNow()) });
            Tell(release.Version, Severity.Info, "switching", $"helix {release.Version} was tried and takes over from {Own ?? "the program before"}; if it does not answer, that one is back");
            await TryAsync(release.Program, SwitchPatience.Of(took));
        }
        catch (Exception refused) when (refused is InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            releases.Remember(before with { Switch = null });
            throw new SelfUpdateException($"helix {release.Version} could not be put in the place of this one: {refused.Message}", "Try again; \"helix local-llm logs helix\" may say more.", refused is InvalidOperationException ? "not_now" : "no_space");
        }
    }

    /// <summary>Brings a switch that an earlier daemon began to its end. Ends when there is nothing more to be done about it.</summary>
    public async Task MeetAsync(TimeSpan watch, CancellationToken cancellationToken)
    {
        if (releases.Memory.Switch is not { } note) return;
        var undone = await tools.Keeper.UndoneAsync(cancellationToken);
        switch (SwitchMeanings.Of(note.Version, Own, undone))
        {
            case SwitchMeaning.Arrived: await ArrivedAsync(note, watch, cancellationToken); break;
            case SwitchMeaning.GivenUp: GiveUp(note, undone!); break;
            case SwitchMeaning.Overtaken:
                End(releases.Memory with { Switch = null });
                Tell(note.Version, Severity.Warning, "overtaken", $"helix {note.Version} was to be used, and something else was started meanwhile: it is tried again another time");
                break;
        }
    }

    public void Tell(string what, Severity severity, string word, string words, bool isAlert = false)
    {
        LogStep(what, words);
        tell(new(time.GetUtcNow(), HistoryKind.Update, severity, null, $"helix {what}", word, words));
        if (isAlert) tell(new(time.GetUtcNow(), HistoryKind.Alert, severity, null, $"helix {what}", $"update_{word}", words));
    }

    /// <summary>A keeper of an older release does not know how: it goes on as this program first.</summary>
    private async Task TryAsync(string program, TimeSpan patience)
    {
        try
        {
            await tools.Keeper.TryAsync(program, patience, CancellationToken.None);
        }
        catch (InvalidOperationException) when (File.Exists(tools.Own))
        {
            await tools.Keeper.ReplaceAsync(tools.Own, CancellationToken.None);
            await tools.Keeper.TryAsync(program, patience, CancellationToken.None);
        }
    }

    private async Task ArrivedAsync(SwitchNote note, TimeSpan watch, CancellationToken cancellationToken)
    {
        // the keeper, who holds the time, takes this daemon's word for it: so it asks at the socket, as everybody does
        while (await tools.WhoAnswers(cancellationToken) != Environment.ProcessId) await Task.Delay(s_look, time, cancellationToken);
        await tools.Keeper.AnswersAsync(new ProcessIdentity("daemon", Environment.ProcessId, ProcessTable.StartTicks(Environment.ProcessId)), cancellationToken);
        releases.Use(note.Version);
        if (!note.IsInUse)
        {
            note = note with { IsInUse = true };
            releases.Remember(releases.Memory with { Switch = note });
            Tell(note.Version, Severity.Info, "switched", $"helix went from {releases.VersionOf(note.Before) ?? "the program before"} to {note.Version}, and its engines went on. It is watched for {watch.TotalMinutes:0} minutes");
        }

        await Task.Delay(watch, time, cancellationToken);
        // another switch may have begun meanwhile
        if (releases.Memory.Switch != note) return;
        await tools.Keeper.KeepAsync(cancellationToken);
        End(releases.Memory with { Switch = null });
        var gone = releases.Sweep(tools.Commands(), tools.Own);
        Tell(note.Version, Severity.Info, "kept", $"helix {note.Version} is kept{(gone.Count > 0 ? $"; {string.Join(", ", gone)} went" : "")}");
        await tools.Keeper.ReplaceAsync(tools.Own, cancellationToken);
    }

    private void GiveUp(SwitchNote note, string why)
    {
        releases.Leave(note.Version);
        var memory = releases.Memory;
        string[] refused = [note.Version, .. note.Commit is { } commit ? [commit] : Array.Empty<string>()];
        End(memory with { Switch = null, Refused = [.. memory.Refused.Except(refused), .. refused] });
        Tell(note.Version, Severity.Error, "rolled_back", $"helix {note.Version} was given up: {why}. {Own ?? "The program before"} is back, and {note.Version} is not tried again by itself", isAlert: true);
    }

    private void End(SelfUpdateMemory memory)
    {
        releases.Remember(memory);
        KeptDatabase.Forget(home);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "helix {Version}: {Words}")]
    private partial void LogStep(string version, string words);
}
