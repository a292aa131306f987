using System.Collections.Frozen;
using System.Collections.Immutable;
using Helix.Access;
using Helix.Core.Clouds;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Fleet;

namespace Helix.Gateway;

/// <summary>Which cloud may answer in place of what is served here, and when it may not.</summary>
internal sealed class StandIns(IFleetView fleet, ModelOrders orders, KeyRing keys, Func<HelixConfig> config)
{
    private Lines? _lines;

    /// <summary>For the name that the client gave, else for the one of those it stands for that is looked for.</summary>
    /// <returns>The names of clouds' models, of which one may. Null for none: where clouds stand in for nothing, no request pays for that.</returns>
    public ImmutableArray<string>? Of(Exchange exchange)
    {
        var cloud = config().Cloud;
        if (cloud.AfterSeconds is null || exchange.WasElsewhere || exchange.IsCount) return null;
        var lines = LinesOf(cloud);
        var names = CloudRules.StandIns(exchange.Route, exchange.Facts.Model, lines, cloud);
        if (names.IsEmpty) names = CloudRules.StandIns(exchange.Route, exchange.Wanted.Model, lines, cloud);
        return names.IsEmpty || keys.IsPrivate(exchange.Key) ? null : names;
    }

    /// <summary>It has waited here for as long as it was to: a cloud is asked next, of several the best, where any may be; else the wait goes on.</summary>
    /// <param name="names">Of clouds' models.</param>
    /// <param name="here">That it waited for; null where none was found.</param>
    public void Take(Exchange exchange, ImmutableArray<string> names, ServedModel? here)
    {
        exchange.WasElsewhere = true;
        var rules = config().Cloud;
        if (exchange.Answering || exchange.Names.Append(here?.Id).OfType<string>().Any(each => CloudRules.IsPrivate(each, rules))) return;
        ImmutableArray<string> ready = [.. names.Where(name => !CloudRules.IsPrivate(name, rules) && Routing.Choose(fleet.Current, exchange.Facts with { Model = name }, exchange.Route.Needs, null) is { IsCloud: true, Found: { } model } && !exchange.HadAtCloud(model))];
        if (!ready.IsEmpty) exchange.GoElsewhere(ready is [var only] ? only : exchange.InOrder(orders.Of(exchange, ready))[0]);
    }

    private FrozenDictionary<string, ImmutableArray<string>> LinesOf(CloudConfig cloud)
    {
        if (_lines is { } known && ReferenceEquals(known.Cloud, cloud)) return known.StandIns;
        var read = new Lines(cloud, CloudRules.Lines(cloud));
        _lines = read;
        return read.StandIns;
    }

    /// <summary>Read from this configuration.</summary>
    private sealed record Lines(CloudConfig Cloud, FrozenDictionary<string, ImmutableArray<string>> StandIns);
}
