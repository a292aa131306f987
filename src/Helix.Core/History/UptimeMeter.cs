using System.Collections.Immutable;
using Helix.Core.Fleet;

namespace Helix.Core.History;

/// <param name="Who">A provider's id, or <see cref="UptimeMeter.Whole"/>.</param>
internal readonly record struct UptimeKey(DateOnly Day, string Who);

internal readonly record struct UptimeSpan(TimeSpan Up, TimeSpan Down)
{
    /// <summary>From 0 to 1; null where nothing was counted.</summary>
    public double? Share => Up + Down > TimeSpan.Zero ? Up / (Up + Down) : null;

    public static UptimeSpan operator +(UptimeSpan one, UptimeSpan other) => new(one.Up + other.Up, one.Down + other.Down);
}

/// <summary>
/// Counts how long providers were up and down. What is meant to rest counts as neither, and a first start as neither; what was up and is being
/// brought back counts as down. The whole is up while a model can be had.
/// </summary>
internal static class UptimeMeter
{
    public const string Whole = "helix";

    /// <summary>What the whole, and each provider, is held to over 30 days.</summary>
    public const double Target = 0.995;

    /// <summary>What the time that has just passed adds, by what the fleet looked like in it.</summary>
    /// <param name="elapsed">Measured by a clock that stands still while the machine sleeps.</param>
    public static ImmutableDictionary<UptimeKey, UptimeSpan> Count(FleetSnapshot fleet, DateTimeOffset now, TimeSpan elapsed)
    {
        var day = DateOnly.FromDateTime(now.UtcDateTime);
        var counted = ImmutableDictionary.CreateBuilder<UptimeKey, UptimeSpan>();
        foreach (var provider in fleet.Instances.GroupBy(instance => instance.Provider, StringComparer.Ordinal))
            if (IsUp(provider) is { } isUp) counted[new(day, provider.Key)] = Span(isUp, elapsed);
        if (IsUp(fleet.Instances) is { } whole) counted[new(day, Whole)] = Span(whole, elapsed);
        return counted.ToImmutable();
    }

    /// <summary>Nobody was there to answer, though somebody should have been.</summary>
    public static ImmutableDictionary<UptimeKey, UptimeSpan> Gap(DateTimeOffset now, TimeSpan gap)
    {
        var counted = ImmutableDictionary.CreateBuilder<UptimeKey, UptimeSpan>();
        for (var end = now.UtcDateTime; gap > TimeSpan.Zero; end = end.Date)
        {
            // what ends at midnight belongs to the day before
            var day = end.TimeOfDay > TimeSpan.Zero ? end.Date : end.Date.AddDays(-1);
            var part = end - day < gap ? end - day : gap;
            counted[new(DateOnly.FromDateTime(day), Whole)] = new(TimeSpan.Zero, part);
            gap -= part;
            end = day;
        }

        return counted.ToImmutable();
    }

    /// <summary>Null where nothing is to be counted.</summary>
    private static bool? IsUp(IEnumerable<InstanceStatus> instances)
    {
        var states = instances.Select(instance => instance.State).ToArray();
        return states.Contains(ProviderState.Ready) ? true
            : states.Any(state => state is ProviderState.Degraded or ProviderState.Recovering or ProviderState.Critical) ? false
            : null;
    }

    private static UptimeSpan Span(bool isUp, TimeSpan elapsed) => isUp ? new(elapsed, TimeSpan.Zero) : new(TimeSpan.Zero, elapsed);
}
