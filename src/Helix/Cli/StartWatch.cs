using Helix.Contracts;

namespace Helix.Cli;

/// <summary>What came of a start.</summary>
internal abstract record StartOutcome
{
    private StartOutcome() { }

    internal sealed record Ready(StatusReport Status) : StartOutcome;

    internal sealed record Failed(string Reason) : StartOutcome;
}

/// <summary>Looks at a daemon that starts, and says each thing that changes, until a model is ready or it takes too long.</summary>
internal sealed class StartWatch(DaemonClient daemon, CliWorld world)
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<string, string> _said = [];

    /// <param name="needsModel">False where the configuration says that nothing starts by itself.</param>
    /// <param name="other">The pid of a daemon that is to be followed by another one.</param>
    public async Task<StartOutcome> RunAsync(bool needsModel, int? other = null)
    {
        using var deadline = new CancellationTokenSource(s_deadline, world.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, world.Interrupts.Token);
        StatusReport? last = null;
        try
        {
            while (true)
            {
                var answer = await daemon.GetAsync("/helix/v1/status", ApiJson.Default.StatusReport, either.Token);
                if (answer is Answer<StatusReport>.Is(var status) && status.Pid != other)
                {
                    SayChanges(last = status);
                    if (!needsModel || status.Models.Any(model => model.State is "ready" or "off")) return new StartOutcome.Ready(status);
                    if (status.Models.Count > 0 && status.Models.All(model => model.State == "failed"))
                        return new StartOutcome.Failed($"no model can be served: {string.Join("; ", status.Models.Select(model => $"{model.Id}: {model.Detail}"))}");
                }

                await Task.Delay(s_look, world.Time, either.Token);
            }
        }
        catch (OperationCanceledException) when (!world.Interrupts.Struck)
        {
            return new StartOutcome.Failed(last is null
                ? $"the daemon did not answer within {s_deadline.TotalSeconds:0} s"
                : $"helix runs at {last.Address}, but no model was ready within {s_deadline.TotalSeconds:0} s");
        }
    }

    private void SayChanges(StatusReport status)
    {
        foreach (var provider in status.Providers.Where(provider => provider.Model is not null || provider.Pid is not null))
            SayOnce($"{provider.Id}: {Listing.Word(provider)}", provider.Reason);
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
