using Helix.Contracts;
using Helix.Processes;

namespace Helix.Cli;

/// <summary>What came of a start.</summary>
internal abstract record StartOutcome
{
    private StartOutcome() { }

    internal sealed record Ready(StatusReport Status) : StartOutcome;

    internal sealed record Failed(string Reason) : StartOutcome;
}

/// <summary>Looks at a daemon that starts, and says each thing that changes, until a model is ready or it takes too long.</summary>
/// <param name="again">Starts helix once more, should all that was found running be killed meanwhile.</param>
internal sealed class StartWatch(DaemonClient daemon, CliWorld world, Func<CancellationToken, Task<KeeperTrouble?>>? again = null)
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private const int MostEnds = 3;
    private static readonly TimeSpan s_keeperPace = TimeSpan.FromMilliseconds(100);

    /// <summary>A daemon that lives brings a lost keeper back sooner.</summary>
    private static readonly TimeSpan s_lossPatience = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, string> _said = [];
    private StatusReport? _last;
    private DaemonTrouble? _hopeless;

    /// <param name="needsModel">False where the configuration says that nothing starts by itself.</param>
    /// <param name="other">The pid of a daemon that is to be followed by another one.</param>
    public async Task<StartOutcome> RunAsync(bool needsModel, int? other = null)
    {
        using var deadline = new CancellationTokenSource(s_deadline, world.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, world.Interrupts.Token);
        var keeping = LookAtKeeperAsync(either);
        try
        {
            while (true)
            {
                var answer = await daemon.GetAsync("/helix/v1/status", ApiJson.Default.StatusReport, either.Token);
                if (answer is Answer<StatusReport>.Is(var status) && status.Pid != other)
                {
                    SayChanges(_last = status);
                    if (!needsModel || status.Models.Any(model => model.State is "ready" or "off")) return new StartOutcome.Ready(status);
                    if (status.Models.Count > 0 && status.Models.All(model => model.State == "failed"))
                        return new StartOutcome.Failed($"no model can be served: {string.Join("; ", status.Models.Select(model => $"{model.Id}: {model.Detail}"))}");
                }

                await Task.Delay(s_look, world.Time, either.Token);
            }
        }
        catch (OperationCanceledException) when (!world.Interrupts.Struck)
        {
            return new StartOutcome.Failed(
                _hopeless is { } trouble ? $"the daemon ended {trouble.Ends} times before it answered ({trouble.Last})"
                : _last is null ? $"the daemon did not answer within {s_deadline.TotalSeconds:0} s"
                : $"helix runs at {_last.Address}, but no model was ready within {s_deadline.TotalSeconds:0} s");
        }
        finally
        {
            await either.CancelAsync();
            await keeping;
        }
    }

    /// <summary>
    /// Ends the wait for a daemon that does nothing but end; one that did so before this start gets as many tries again. And what was found running
    /// may have been about to die: then nobody would ever answer.
    /// </summary>
    private async Task LookAtKeeperAsync(CancellationTokenSource wait)
    {
        int? before = null;
        var livedAt = world.Time.GetTimestamp();
        try
        {
            while (true)
            {
                var trouble = await world.Keeper.DaemonTroubleAsync(wait.Token);
                var ends = trouble?.Ends ?? 0;
                before = before is { } known ? Math.Min(known, ends) : ends < MostEnds ? 0 : ends;
                if (_last is null && trouble is not null && ends - before >= MostEnds)
                {
                    _hopeless = trouble;
                    await wait.CancelAsync();
                    return;
                }

                if (await world.Keeper.LookAsync(wait.Token) is not KeeperLife.Lost)
                {
                    livedAt = world.Time.GetTimestamp();
                }
                else if (again is not null && world.Time.GetElapsedTime(livedAt) >= s_lossPatience)
                {
                    await again(wait.Token);
                    livedAt = world.Time.GetTimestamp();
                }

                await Task.Delay(s_keeperPace, world.Time, wait.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // the wait is over
        }
    }

    private void SayChanges(StatusReport status)
    {
        foreach (var provider in status.Providers.Where(provider => provider.Model is not null || provider.Pid is not null))
            SayOnce($"{provider.Id}: {ProviderListing.Word(provider)}", provider.Reason);
        foreach (var model in status.Models.Where(model => model.State is not ("asleep" or "off")))
            SayOnce($"{model.Id}: {model.State}", model.Detail ?? "");
    }

    private void SayOnce(string what, string why)
    {
        // how far something is, is for somebody who looks on
        if (_said.TryGetValue(what, out var before) && (before == why || !world.Terminal.ErrorIsTerminal)) return;
        _said[what] = why;
        world.Terminal.Say(why.Length > 0 ? $"  {what} ({why})" : $"  {what}");
    }
}
