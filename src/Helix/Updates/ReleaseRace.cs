using Helix.Core.Fleet;
using Helix.Core.Manifests;
using Helix.Core.Planning;
using Helix.Core.Updates;
using Helix.Fleet;
using Helix.Install;

namespace Helix.Updates;

/// <summary>What a race between two releases showed.</summary>
/// <param name="Fault">What is wrong with the new one; null where nothing is.</param>
/// <param name="Words">What was done.</param>
/// <param name="Before">What the old one answered; empty where it was not asked.</param>
/// <param name="Model">With which the new one is to be asked the same after the switch; null where it was asked, or nothing is to be compared.</param>
internal sealed record RaceResult(string? Fault, string Words, IReadOnlyList<Measurement> Before, string? Model = null);

/// <summary>Lets a new release answer the same questions as the one in use, with a real model, beside it.</summary>
internal sealed class ReleaseRace(ReleaseTrial trial, EngineMeter meter, IFleetView fleet, Func<IReadOnlyList<PlannedModel>> library, long memoryBytes, Func<Seating, IDisposable> reserve)
{
    private const int Context = 2048;

    /// <summary>A first answer may cost what later ones do not: reading from the disk, compiling.</summary>
    private const int Rounds = 2;

    /// <param name="slowdown">See <see cref="ReleaseComparison"/>.</param>
    public async Task<RaceResult> RunAsync(InstalledProvider fresh, double slowdown, CancellationToken cancellationToken)
    {
        var id = fresh.Manifest.Id;
        var plan = PlannedProvider.Of(fresh.Manifest, fresh.Release.On);
        if (ModelFor(id, plan) is not { } model) return new(null, "there is no model here with which it could be asked", []);
        if (fresh.Release.On != Accelerator.None) return await LaterAsync("two releases do not fit on the GPU beside each other");
        var run = new Placement.Run(Math.Min(Context, model.ContextTokens > 0 ? model.ContextTokens : Context), 1, "compared");
        var need = FleetPlan.NeedBytes(model, plan, run.ContextPerSlot, run.Slots);
        var free = memoryBytes - fleet.Current.Instances.Where(instance => instance.Pid is not null).Sum(instance => instance.ReservedBytes);
        if (need > free) return await LaterAsync("there is no memory for two releases beside each other");

        using var room = reserve(new Seating(need));
        IReadOnlyList<Measurement> before = [], after = [];
        // one that does not start may have been killed by somebody, or had too little of the machine: once is chance
        var wrong = await BesideAsync() is null ? null : await BesideAsync();
        return new(wrong ?? ReleaseComparison.Fault(before, after, slowdown), $"both were asked the same with {model.Id}", before);

        async Task<RaceResult> LaterAsync(string why) => await OldAsync(id, model, cancellationToken) is { Count: > 0 } old
            ? new(null, $"{why}: it is compared after the switch", old, model.Id)
            : new(null, $"{why}, and the one before serves nothing with which it could be compared", []);

        Task<string?> BesideAsync() => trial.WithModelAsync(
            fresh, model, run, 0,
            async (spec, token) =>
            {
                // one after the other, in turns: what else the machine does meets both
                for (var round = 0; round < Rounds; round++)
                {
                    after = await meter.MeasureAsync(MeterTarget.Of(spec), token);
                    before = await OldAsync(id, model, token);
                }
            },
            cancellationToken);
    }

    /// <summary>Empty where it serves nothing now.</summary>
    private async Task<IReadOnlyList<Measurement>> OldAsync(string id, PlannedModel model, CancellationToken cancellationToken) =>
        fleet.Current.Models.FirstOrDefault(served => served.Id == model.Id)?.Seats.FirstOrDefault(seat => seat.Provider == id)?.Backend is { } backend
            ? await meter.MeasureAsync(MeterTarget.Of(backend, model.Abilities), cancellationToken)
            : [];

    /// <summary>The one that it serves, else the smallest that it can load and that answers in words.</summary>
    private PlannedModel? ModelFor(string id, PlannedProvider plan)
    {
        var models = library().Where(model => (model.Abilities & (ModelAbilities.Chat | ModelAbilities.Completion)) != ModelAbilities.None).ToArray();
        var served = fleet.Current.Instances.FirstOrDefault(instance => instance.Provider == id && instance.State == ProviderState.Ready)?.Model;
        return models.FirstOrDefault(model => model.Id == served)
            ?? models.Where(plan.CanLoad).OrderBy(model => model.IsSelfTest).ThenBy(model => model.Bytes).FirstOrDefault();
    }
}
