using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Helix.Access;
using Helix.Core.Clouds;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Fleet;

namespace Helix.Gateway;

/// <summary>Brings to the choice between several models what the gateway knows of them and their backends.</summary>
internal sealed class ModelOrders(IFleetView fleet, Backends backends, Admission admission, KeyRing keys, Func<HelixConfig> config)
{
    // what was learned of a place goes with the configuration that has it
    private readonly ConditionalWeakTable<AliasPlace, Learned> _learned = new();

    /// <summary>For a request, which goes to the first of them.</summary>
    public OrderedModels Of(Exchange exchange, AliasPlace place)
    {
        // a long prompt is read before others have to wait for that
        var asked = AskedIn(exchange);
        var learned = _learned.GetValue(place, _ => new Learned());
        // who comes at the same moment sees that this one was sent
        lock (learned.Choosing)
        {
            var order = Of(asked, place.Names, learned.Pace);
            // what only has its prompt counted is sent to nobody
            if (!exchange.IsCount && order.Contests is [var contest, ..] && contest.Model == order.Names[0]) learned.Pace = learned.Pace.After(contest);
            return order;
        }
    }

    /// <summary>The same for names that stand at no place, of which nothing is learned.</summary>
    public OrderedModels Of(Exchange exchange, ImmutableArray<string> names) => Of(AskedIn(exchange), names, ContestPace.Start);

    /// <summary>The same for nobody's request.</summary>
    /// <param name="blocks">Of its prompt.</param>
    public OrderedModels Look(AliasPlace place, InferenceRoute route, BodyFacts facts, PromptBlocks blocks, int promptTokens) =>
        Of(new Asked(route, facts, blocks, promptTokens, "", RequestPriority.Normal), place.Names, _learned.TryGetValue(place, out var learned) ? learned.Pace : ContestPace.Start);

    private static Asked AskedIn(Exchange exchange) =>
        new(exchange.Route, exchange.Facts, exchange.Blocks ??= PromptBlocks.Of(exchange.Body.Span, exchange.Facts), exchange.PromptTokens, exchange.Key, exchange.Priority);

    private OrderedModels Of(Asked asked, ImmutableArray<string> names, ContestPace pace)
    {
        var (now, snapshot) = (config(), fleet.Current);
        ImmutableArray<OfferedModel> models = [.. names.Select(name => Offered(name, Routing.Choose(snapshot, asked.Facts with { Model = name }, asked.Route.Needs, now.Builtin.Model), asked, pace))];
        Candidate[] candidates = [.. models.SelectMany(model => model.Candidates)];
        var compares = ChoiceWeights.Of(now.Performance.Weights).ComparesWithClouds && !IsPrivate(asked, models, now.Cloud);
        return ModelOrder.Of(models, backends.Terms(asked.Route, asked.Facts, asked.PromptTokens, [], pace.Pace, candidates), compares);
    }

    private OfferedModel Offered(string name, ModelChoice choice, Asked asked, ContestPace pace)
    {
        if (choice is not ModelChoice.Send(var model, _)) return new(name, choice, []);
        var wait = choice.IsCloud ? 0 : admission.WaitNow(model.Id, asked.Key, asked.Priority)?.TotalSeconds ?? 0;
        return new(name, choice, [.. backends.Candidates(model, asked.Route, asked.Blocks, asked.PromptTokens, asked.Facts).Select(each => each with { Unseen = pace.Unseen(each.Backend.Instance), Recent = 0, PlaceWait = wait })]);
    }

    /// <summary>Where anything of it is private, no cloud goes before what is to be asked here.</summary>
    private bool IsPrivate(Asked asked, ImmutableArray<OfferedModel> models, CloudConfig cloud) =>
        keys.IsPrivate(asked.Key)
        || (asked.Facts.Model is { } name && CloudRules.IsPrivate(name, cloud))
        || models.Any(model => !model.IsCloud && (CloudRules.IsPrivate(model.Name, cloud) || IsPrivate(model.Choice.Found, cloud) || IsPrivate(model.Choice.Failed, cloud)));

    private static bool IsPrivate(ServedModel? model, CloudConfig cloud) => model is not null && CloudRules.IsPrivate(model.Id, cloud);

    /// <param name="Key">Name of the key that it came with; empty for none.</param>
    private sealed record Asked(InferenceRoute Route, BodyFacts Facts, PromptBlocks Blocks, int PromptTokens, string Key, RequestPriority Priority);

    private sealed class Learned
    {
        /// <summary>Held while models are compared, and the request counted as sent to the best.</summary>
        public Lock Choosing { get; } = new();

        public ContestPace Pace { get; set; } = ContestPace.Start;
    }
}
