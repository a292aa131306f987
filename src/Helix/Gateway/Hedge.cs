using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>Asks an engine, and where it takes much longer to begin than it should, a second one for the same answer.</summary>
internal sealed class Hedge(Attempt attempt, Backends backends, Admission admission, GatewayCounters counters, Func<HelixConfig> config, TimeProvider time)
{
    /// <summary>A longer request, in tokens of prompt and answer, costs too much to be asked for twice.</summary>
    private const int Short = 1024;

    /// <summary>Asks one engine, and a second one where that may help.</summary>
    /// <param name="race">What came of asking two, once it ended; null where the one is asked alone.</param>
    public ValueTask<AttemptEnd> RunAsync(Exchange exchange, ServedModel model, Chosen chosen, out Race? race)
    {
        if (LateFor(exchange, model, chosen) is { } late) return RunAsync(exchange, model, chosen, late, race = new());
        race = null;
        return attempt.RunAsync(exchange, model, chosen);
    }

    private async ValueTask<AttemptEnd> RunAsync(Exchange exchange, ServedModel model, Chosen chosen, TimeSpan late, Race race)
    {
        var first = attempt.RunAsync(exchange, model, chosen, race).AsTask();
        using (var over = CancellationTokenSource.CreateLinkedTokenSource(exchange.ClientLeft))
        {
            await Task.WhenAny(first, Task.Delay(late, time, over.Token));
            await over.CancelAsync();
        }

        // who waits for a place, or what was sent again too often, goes before
        if (first.IsCompleted || race.IsDecided || exchange.ClientLeft.IsCancellationRequested || admission.Waiting(model.Id) > 0 || !IsOtherWell(model, chosen) || !counters.GrantsRetry())
            return await first;
        exchange.NoteTried(chosen.Backend);
        if (backends.Take(model, exchange) is not { } other)
        {
            exchange.MayBeTried(chosen.Backend);
            return await first;
        }

        if (!race.IsDecided) exchange.NoteTry(model, other, exchange.Timestamp);
        // as long as the first works, somebody may answer after this one
        var second = attempt.RunAsync(exchange, model, other with { HasOthers = true }, race).AsTask();
        await Task.WhenAll(first, second);
        var (one, two) = (await first, await second);
        if (one is not AttemptEnd.Overtaken && two is not AttemptEnd.Overtaken && one is not AttemptEnd.Settled)
        {
            if (two == AttemptEnd.Settled) exchange.IsAnsweredBy(other);
            (race.Asked, race.FirstEnd) = (other, one);
            return two;
        }

        if (one is AttemptEnd.Overtaken)
        {
            // it may go on with what the other one broke off
            exchange.MayBeTried(chosen.Backend);
            race.Asked = other with { HasOthers = true };
            exchange.IsAnsweredBy(race.Asked);
            return two;
        }

        if (two is AttemptEnd.Overtaken) exchange.MayBeTried(chosen.Backend);
        exchange.IsAnsweredBy(chosen);
        return one;
    }

    /// <summary>When a second engine is asked, if the first has not begun; null for never.</summary>
    private TimeSpan? LateFor(Exchange exchange, ServedModel model, Chosen chosen)
    {
        if (!config().Performance.Hedge || !chosen.HasOthers || exchange.Route.Kind == RouteKind.Media || exchange.Answering || exchange.PromptTokens + chosen.AnswerTokens > Short) return null;
        // a cloud takes its money for each of two, so that it is neither the first nor the second
        return model.Backends.Any(backend => backend.Cloud is not null) ? null : chosen.Late;
    }

    /// <summary>One that failed again and again is not worth a second request.</summary>
    private bool IsOtherWell(ServedModel model, Chosen chosen) =>
        model.Backends.Any(backend => backend.Instance != chosen.Backend.Instance && !counters.Of(backend.Instance).IsBroken);
}
