using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>Asks an engine, and where it takes much longer to begin than it should, a second one for the same answer.</summary>
internal sealed class Hedge(Attempt attempt, Backends backends, Admission admission, GatewayCounters counters, Func<HelixConfig> config, TimeProvider time)
{
    /// <summary>A longer request, in tokens of prompt and answer, costs too much to be asked for twice.</summary>
    private const int Short = 1024;

    /// <summary>When a second engine is asked, if the first has not begun; null for never.</summary>
    public TimeSpan? LateFor(Exchange exchange, ServedModel model, Chosen chosen)
    {
        if (!config().Performance.Hedge || !chosen.HasOthers || exchange.Route.Kind == RouteKind.Media || exchange.Answering || exchange.PromptTokens + chosen.AnswerTokens > Short) return null;
        // a cloud takes its money for each of two, so that it is neither the first nor the second
        return model.Backends.Any(backend => backend.Cloud is not null) ? null : chosen.Late;
    }

    /// <summary>Asks one engine alone.</summary>
    public ValueTask<AttemptEnd> RunAsync(Exchange exchange, ServedModel model, Chosen chosen) => attempt.RunAsync(exchange, model, chosen);

    /// <param name="late">By <see cref="LateFor"/>.</param>
    /// <returns>How it ended, and at whom; two where both were asked in vain.</returns>
    public async ValueTask<(AttemptEnd End, Chosen Of, AttemptEnd? Other)> RunAsync(Exchange exchange, ServedModel model, Chosen chosen, TimeSpan late)
    {
        var race = new Race();
        var first = attempt.RunAsync(exchange, model, chosen, race).AsTask();
        using (var over = CancellationTokenSource.CreateLinkedTokenSource(exchange.ClientLeft))
        {
            await Task.WhenAny(first, Task.Delay(late, time, over.Token));
            await over.CancelAsync();
        }

        // who waits for a place, or what was sent again too often, goes before
        if (first.IsCompleted || race.IsDecided || exchange.ClientLeft.IsCancellationRequested || admission.Waiting(model.Id) > 0 || !IsOtherWell(model, chosen) || !counters.GrantsRetry())
            return (await first, chosen, null);
        exchange.Tried.Add(chosen.Backend.Instance);
        if (backends.Take(model, exchange) is not { } other)
        {
            exchange.Tried.Remove(chosen.Backend.Instance);
            return (await first, chosen, null);
        }

        if (!race.IsDecided) exchange.NoteTry(model, other);
        // as long as the first works, somebody may answer after this one
        var second = attempt.RunAsync(exchange, model, other with { HasOthers = true }, race).AsTask();
        await Task.WhenAll(first, second);
        var (one, two) = (await first, await second);
        if (one is not AttemptEnd.Overtaken && two is not AttemptEnd.Overtaken && one is not AttemptEnd.Settled)
            return two == AttemptEnd.Settled ? Answered(exchange, two, other) : (two, other, one);
        if (one is AttemptEnd.Overtaken)
        {
            // it may go on with what the other one broke off
            exchange.Tried.Remove(chosen.Backend.Instance);
            return Answered(exchange, two, other with { HasOthers = true });
        }

        if (two is AttemptEnd.Overtaken) exchange.Tried.Remove(chosen.Backend.Instance);
        return Answered(exchange, one, chosen);
    }

    private static (AttemptEnd, Chosen, AttemptEnd?) Answered(Exchange exchange, AttemptEnd end, Chosen by)
    {
        exchange.IsAnsweredBy(by);
        return (end, by, null);
    }

    /// <summary>One that failed again and again is not worth a second request.</summary>
    private bool IsOtherWell(ServedModel model, Chosen chosen) =>
        model.Backends.Any(backend => backend.Instance != chosen.Backend.Instance && !counters.Of(backend.Instance).IsBroken);
}
