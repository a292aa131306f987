using System.Collections.Frozen;
using Helix.Access;
using Helix.Core.Clouds;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Fleet;

namespace Helix.Gateway;

/// <summary>Which cloud may answer in place of what is served here, and when it may not.</summary>
internal sealed class StandIns(IFleetView fleet, KeyRing keys, Func<HelixConfig> config)
{
    private Lines? _lines;

    /// <summary>For the name that the client gave, else for the one of those it stands for that is looked for.</summary>
    /// <returns>The name of the cloud's model. Null for none: where clouds stand in for nothing, no request pays for that.</returns>
    public string? Of(Exchange exchange)
    {
        var cloud = config().Cloud;
        if (cloud.AfterSeconds is null || exchange.WasElsewhere || exchange.IsCount) return null;
        var lines = LinesOf(cloud);
        var name = CloudRules.StandIn(exchange.Route, exchange.Facts.Model, lines, cloud) ?? CloudRules.StandIn(exchange.Route, exchange.Wanted.Model, lines, cloud);
        return name is null || keys.IsPrivate(exchange.Key) ? null : name;
    }

    /// <summary>It has waited here for as long as it was to: the cloud is asked next, where it may be; else the wait goes on.</summary>
    /// <param name="here">That it waited for; null where none was found.</param>
    public void Take(Exchange exchange, string name, ServedModel? here)
    {
        exchange.WasElsewhere = true;
        var rules = config().Cloud;
        if (exchange.Answering || exchange.Names.Append(here?.Id).OfType<string>().Any(each => CloudRules.IsPrivate(each, rules))) return;
        var choice = Routing.Choose(fleet.Current, exchange.Facts with { Model = name }, exchange.Route.Needs, null);
        if (choice is { IsCloud: true, Found: { } model } && !exchange.HadAtCloud(model)) exchange.GoElsewhere(name);
    }

    private FrozenDictionary<string, string> LinesOf(CloudConfig cloud)
    {
        if (_lines is { } known && ReferenceEquals(known.Cloud, cloud)) return known.StandIns;
        var read = new Lines(cloud, CloudRules.StandIns(cloud));
        _lines = read;
        return read.StandIns;
    }

    /// <summary>Read from this configuration.</summary>
    private sealed record Lines(CloudConfig Cloud, FrozenDictionary<string, string> StandIns);
}
