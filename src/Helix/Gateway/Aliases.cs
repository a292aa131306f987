using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>The names that the configuration gives to models.</summary>
internal sealed class Aliases(ModelOrders orders, Func<HelixConfig> config)
{
    /// <summary>Multiples of it fall evenly into [0, 1), however many there are.</summary>
    private const double Golden = 0.618_033_988_749_894_9;

    private long _asked;
    private long _answered;

    /// <summary>Tells a request of which models it is asked, and in which order, where its name stands for any.</summary>
    public void Name(Exchange exchange)
    {
        // what orders models is made for those requests only that have several
        if (Find(exchange.Facts.Model) is { } alias) Name(exchange, alias);
    }

    /// <summary>The same for nobody's request: whose turn it is stays as it was.</summary>
    /// <param name="facts">Of its body.</param>
    /// <returns>No names where its name is no alias.</returns>
    public OrderedModels InOrder(InferenceRoute route, BodyFacts facts, ReadOnlySpan<byte> body)
    {
        if (Find(facts.Model) is not { } alias) return new([], []);
        var (blocks, tokens, contests) = (PromptBlocks.Of(body, facts), facts.PromptTokens(body.Length), ImmutableArray.CreateBuilder<ModelContest>());
        var names = alias.Order(0, place =>
        {
            var order = orders.Look(place, route, facts, blocks, tokens);
            contests.AddRange(order.Contests);
            return order.Names;
        });
        return new(names, contests.ToImmutable());
    }

    /// <summary>The models that a name stands for, as they were written.</summary>
    /// <returns>Empty where it is no alias.</returns>
    public ImmutableArray<string> Of(string? name) => Find(name)?.Order(0) ?? [];

    /// <summary>Who is to be asked the same as one that has answered; null for nobody.</summary>
    public string? ShadowOf(string? name) => Find(name)?.Shadow is var (model, share) && Interlocked.Increment(ref _answered) * Golden % 1 < share ? model : null;

    /// <summary>The first model that a name stands for; the name itself where it is no alias.</summary>
    public string? First(string? name) => Find(name)?.Order(0)[0] ?? name;

    private void Name(Exchange exchange, ModelAlias alias) =>
        exchange.StandsFor(alias.Order(Interlocked.Increment(ref _asked) * Golden % 1, place => exchange.InOrder(orders.Of(exchange, place))));

    private ModelAlias? Find(string? name) => name is null || config().Gateway.Aliases is not { } aliases ? null
        : aliases.GetValueOrDefault(name) ?? (name.EndsWith(Routing.Latest, StringComparison.Ordinal) ? aliases.GetValueOrDefault(name[..^Routing.Latest.Length]) : null);

    /// <summary>Every name under which there is a model; an alias goes before a model of the same name.</summary>
    public IEnumerable<(string Name, ModelAlias? Alias, ServedModel Model)> All(FleetSnapshot fleet) => Served(fleet).Select(each => (each.Name, (ModelAlias?)each.Alias, each.Model))
        .Concat(fleet.Models.Select(model => (model.Id, (ModelAlias?)null, model))).DistinctBy(each => each.Item1).OrderBy(each => each.Item2 is not null);

    /// <summary>Each alias of which a model is there, with the first of them.</summary>
    private IEnumerable<(string Name, ModelAlias Alias, ServedModel Model)> Served(FleetSnapshot fleet)
    {
        var now = config();
        if (now.Gateway.Aliases is not { } aliases) yield break;
        foreach (var (name, alias) in aliases.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            foreach (var model in alias.Order(0))
            {
                if (Routing.Choose(fleet, BodyFacts.Naming(model), ModelAbilities.None, now.Builtin.Model) is not { Found: { } served }) continue;
                yield return (name, alias, served);
                break;
            }
        }
    }
}
