using System.Collections.Immutable;

namespace Helix.Core.Planning;

/// <summary>A seat, and why it should run; null: it should not.</summary>
internal readonly record struct SeatWish(Seat Seat, PlannedModel Model, PlannedProvider Provider, string? Why);

/// <summary>Says which seats are wanted, and who gets memory first.</summary>
internal static class SeatUrgency
{
    /// <summary>Every seat there is, the most urgent first.</summary>
    /// <param name="able">The providers that can load a model, the best first.</param>
    /// <param name="served">Where each model is served.</param>
    public static IEnumerable<SeatWish> Order(PlanInput input, IReadOnlyDictionary<string, PlannedProvider[]> able, ImmutableDictionary<string, Seat> served)
    {
        var defaults = FleetPlan.Defaults([.. input.Models.Where(CanRun)], input.PreferredModel).Select(m => m.Id).ToHashSet(StringComparer.Ordinal);
        var used = Used(input, served);
        var started = input.Providers.Where(provider => provider.Wish == ProviderWish.Start && provider.Id != PlannedProvider.Builtin)
            .Select(provider => DefaultOf(provider, input, able)).OfType<Seat>().ToHashSet();
        var ranks = input.Models.SelectMany(model => able[model.Id].Select(provider => Rank(model, provider)));
        return ranks
            .OrderByDescending(r => r.IsAnswering).ThenBy(r => r.WaitingSince ?? DateTimeOffset.MaxValue).ThenByDescending(r => r.Used ?? DateTimeOffset.MinValue).ThenByDescending(r => r.IsDefault)
            .ThenByDescending(r => r.Wish.Why is not null).ThenBy(r => r.Wish.Model.Id, StringComparer.Ordinal).ThenBy(r => r.Wish.Provider.PreferenceFor(r.Wish.Model, input.Devices))
            .Select(r => r.Wish);

        // what cannot run is nobody's default: the next best is
        bool CanRun(PlannedModel model) =>
            able[model.Id].FirstOrDefault(provider => served[model.Id].Provider == provider.Id) is { } provider
            && FleetPlan.SizeOf(model, provider, input) is not null;

        (SeatWish Wish, bool IsAnswering, DateTimeOffset? WaitingSince, DateTimeOffset? Used, bool IsDefault) Rank(PlannedModel model, PlannedProvider provider)
        {
            var seat = new Seat(provider.Id, model.Id);
            var isServing = served[model.Id] == seat;
            DateTimeOffset? lately = used.TryGetValue(seat, out var demand) ? demand.LastUsed : null;
            // who has waited longest is next; who waits no more is not waited for
            var since = demand is not null && !input.Ready.Contains(seat) && input.Now - demand.LastUsed < FleetPlan.WaitsFor ? demand.WaitingSince : null;
            // until the seat that should serve a model answers, the one that does goes on
            var wanted = defaults.Contains(model.Id) || used.ContainsKey(served[model.Id]);
            var covers = !isServing && wanted && input.Ready.Contains(seat) && !input.Ready.Contains(served[model.Id]);
            var why = lately is not null ? "asked for"
                : isServing && defaults.Contains(model.Id) ? "the default model"
                : started.Contains(seat) ? "started by you"
                : input.Answering.Contains(seat) ? "it is answering"
                : covers ? $"until {served[model.Id].Provider} answers"
                : null;
            return (new(seat, model, provider, why), input.Answering.Contains(seat) || input.Coming.Contains(seat), since, lately, isServing && defaults.Contains(model.Id));
        }
    }

    /// <summary>Of each seat that was used lately, when that was, and since when somebody waits for it.</summary>
    private static Dictionary<Seat, Demand> Used(PlanInput input, ImmutableDictionary<string, Seat> served) =>
        input.Demands.Where(d => input.Now - d.LastUsed < FleetPlan.IdleAfter && (d.Provider is not null || served.ContainsKey(d.Model)))
            .GroupBy(d => SeatOf(d, served)).ToDictionary(g => g.Key, g => g.MaxBy(d => d.LastUsed)! with { WaitingSince = g.Min(d => d.WaitingSince) });

    private static Seat SeatOf(Demand demand, ImmutableDictionary<string, Seat> served) =>
        demand.Provider is { } provider ? new(provider, demand.Model) : served.GetValueOrDefault(demand.Model);

    /// <summary>What a provider serves that was started without a model: the default one if it can load it, else the newest that it can.</summary>
    private static Seat? DefaultOf(PlannedProvider provider, PlanInput input, IReadOnlyDictionary<string, PlannedProvider[]> able)
    {
        var loadable = input.Models.Where(model => able[model.Id].Contains(provider)).ToArray();
        return FleetPlan.Defaults(loadable, input.PreferredModel).Select(model => (Seat?)new Seat(provider.Id, model.Id)).FirstOrDefault();
    }
}
