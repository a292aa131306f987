using System.Collections.Immutable;
using System.Globalization;
using Helix.Core.Fleet;
using Helix.Core.Manifests;
using Helix.Core.Tuning;

namespace Helix.Core.Planning;

/// <summary>Decides which models of the built-in engine run. Made afresh whenever anything it is made from changes.</summary>
internal static class FleetPlan
{
    /// <summary>A model that nobody used for so long makes room without being asked to.</summary>
    public static readonly TimeSpan IdleAfter = TimeSpan.FromMinutes(15);

    /// <summary>Whoever asked for a model within this time is taken to wait for it still.</summary>
    public static readonly TimeSpan WaitsFor = TimeSpan.FromMinutes(1);

    /// <summary>What a context takes unless the user says otherwise, in tokens.</summary>
    public const int DefaultContext = 8192;

    /// <summary>No context is made smaller than this for want of memory, in tokens.</summary>
    public const int SmallestContext = 2048;

    /// <summary>Of the room on GPUs, that a model may still take after each time at which it ran out of it.</summary>
    private const double DeviceShareKept = 0.8;

    private const string OnDisk = "on disk; a request wakes it";

    public static Plan Make(PlanInput input)
    {
        var able = input.Models.ToDictionary(
            model => model.Id,
            model => input.Providers.Where(provider => provider.CanLoad(model)).OrderBy(provider => provider.PreferenceFor(model, input.Devices)).ThenBy(provider => provider.Id, StringComparer.Ordinal).ToArray(),
            StringComparer.Ordinal);
        var served = input.Models.Where(model => able[model.Id].Length > 0).ToImmutableDictionary(
            model => model.Id, model => new Seat(Serving(model, able[model.Id], input).Id, model.Id), StringComparer.Ordinal);

        var placements = ImmutableDictionary.CreateBuilder<Seat, Placement>();
        var free = input.Pools;
        foreach (var wish in SeatUrgency.Order(input, able, served))
        {
            var (seat, model, provider) = (wish.Seat, wish.Model, wish.Provider);
            if (wish.Why is not null && placements.Count(other => other.Key.Provider == provider.Id && other.Value is Placement.Run) >= provider.MostInstances)
            {
                placements[seat] = InTurn(seat, provider, input);
                continue;
            }

            if (WhyOff(provider, input) is { } off)
            {
                placements[seat] = off;
                continue;
            }

            // what answers somebody, or is about to, goes on as it is, whatever was learnt meanwhile
            if ((input.Answering.Contains(seat) || input.Coming.Contains(seat)) && input.Placed.TryGetValue(seat, out var busy))
            {
                free = free.Without(busy.Seating);
                placements[seat] = busy with { Why = wish.Why ?? busy.Why };
                continue;
            }

            if (SizeOf(model, provider, input) is not { } size)
            {
                placements[seat] = TooBig(model, provider, input);
                continue;
            }

            if (wish.Why is null)
            {
                placements[seat] = new Placement.Rest(OnDisk) { Alone = RunOf(OnDisk, wish, size, size.Alone, input) };
                continue;
            }

            if (Seated(wish, size, free, placements, input) is not { } seating)
            {
                placements[seat] = WithoutMemory(seat, input);
                continue;
            }

            free = free.Without(seating);
            placements[seat] = RunOf(wish.Why, wish, size, seating, input);
        }

        return new Plan(placements.ToImmutable(), served);
    }

    /// <summary>Where it runs, if it stays there; else where it disturbs nobody who runs; else where it has room when who is less urgent goes.</summary>
    private static Seating? Seated(SeatWish wish, SeatSize size, MemoryPools free, ImmutableDictionary<Seat, Placement>.Builder placed, PlanInput input)
    {
        if (input.Placed.TryGetValue(wish.Seat, out var there) && SeatFit.Stays(wish.Model, wish.Provider, size, there, free) && there.Seating.Devices.All(device => there.Seating.DeviceBytes <= device.UsableBytes * size.DeviceShare))
            return there.Seating;
        var quiet = input.Placed.Where(other => other.Key != wish.Seat && !placed.ContainsKey(other.Key)).Aggregate(free, (left, other) => left.Without(other.Value.Seating));
        // not on more GPUs than it needs, and not with fewer layers on them, for the sake of one that may go
        return size.IsWhole && Find(quiet) is { } beside && beside.Devices.Length == size.Alone.Devices.Length ? beside : Find(free);

        Seating? Find(MemoryPools pools) => SeatFit.Find(wish.Model, wish.Provider, size.Context, size.Slots, pools.OnDevices(size.DeviceShare), size.IsWhole);
    }

    private static Placement.Run RunOf(string why, SeatWish wish, SeatSize size, Seating seating, PlanInput input) =>
        new(size.Context, size.Slots, why + seating.Words(wish.Model.Layers) + Lowered(wish.Model, wish.Provider, input, size.Context, size.Slots)) { Seating = seating, Tuned = TuningOf(wish.Seat, input) };

    private static Placement.Impossible TooBig(PlannedModel model, PlannedProvider provider, PlanInput input)
    {
        var context = Math.Min(ContextOf(model, provider, input), SmallestContext);
        var need = NeedBytes(model, provider, context, 1);
        var devices = SeatFit.DevicesOf(model, provider, input.Devices);
        var there = devices.IsEmpty ? $"this machine has {Gigabytes(input.MemoryBytes)} for models"
            : $"{provider.Id} can use {PlannedDevice.Words(devices)} with {Gigabytes(devices.Sum(device => device.UsableBytes))}" + (provider.Spread == DeviceSpread.Layers ? $", and {Gigabytes(input.MemoryBytes)} of this machine" : "");
        return new($"it needs {Gigabytes(need)} of memory, even with one slot of {context} tokens, and {there}", "take a smaller model or quantization");
    }

    /// <summary>The provider that serves a model: the best that may run, has room for it and does not fail; then one that fails before one that has no room; where none may, the best.</summary>
    private static PlannedProvider Serving(PlannedModel model, PlannedProvider[] able, PlanInput input) =>
        able.FirstOrDefault(provider => WhyOff(provider, input) is null && !input.Broken.Contains(new(provider.Id, model.Id)) && SizeOf(model, provider, input) is not null)
        ?? able.FirstOrDefault(provider => WhyOff(provider, input) is null && input.Down.Contains(new(provider.Id, model.Id)) && SizeOf(model, provider, input) is not null)
        ?? able.FirstOrDefault(provider => WhyOff(provider, input) is null && SizeOf(model, provider, input) is not null)
        ?? able.FirstOrDefault(provider => WhyOff(provider, input) is null)
        ?? able[0];

    /// <summary>Why nothing of a provider may run; null if it may.</summary>
    public static Placement.Impossible? WhyOff(PlannedProvider provider, PlanInput input)
    {
        var start = $"helix local-llm start {provider.Id}";
        return !provider.IsEnabled ? Off($"{provider.Id} is not in providers.enabled", "helix config unset providers.enabled")
            : provider.Wish == ProviderWish.Stop ? Off("stopped by you", start)
            : !input.AutoStart && provider.Wish != ProviderWish.Start ? Off("auto_manager.auto_start is off", start)
            : null;

        static Placement.Impossible Off(string reason, string remedy) => new(reason, remedy) { IsWished = true };
    }

    /// <summary>Tokens of context a slot of this model gets.</summary>
    private static int ContextOf(PlannedModel model, PlannedProvider provider, PlanInput input)
    {
        var wanted = input.ContextPerSlot > 0 ? input.ContextPerSlot : DefaultContext;
        return provider.Tunes.Within(Tunable.Context, model.ContextTokens > 0 ? Math.Min(wanted, model.ContextTokens) : wanted);
    }

    /// <summary>How the model fits into this machine: first slots are given up, then the GPU for some of its layers, then context. Null if it never fits.</summary>
    public static SeatSize? SizeOf(PlannedModel model, PlannedProvider provider, PlanInput input)
    {
        var (context, most, share) = Smaller(input.Shrunk.GetValueOrDefault(new(provider.Id, model.Id)), ContextOf(model, provider, input), SlotsOf(model, provider, input));
        var pools = input.Pools.OnDevices(share);
        for (var lowest = false; ; context = Math.Max(SmallestContext, context / 2))
        {
            foreach (var whole in provider.Spread == DeviceSpread.Layers ? [true, false] : new[] { true })
                for (var slots = lowest ? 1 : most; slots > 0; slots--)
                    if (SeatFit.Find(model, provider, context, slots, pools, whole) is { } alone) return new(context, slots, whole, alone) { DeviceShare = share };
            if (context <= SmallestContext) return null;
            lowest = true;
        }
    }

    /// <summary>What a model may ask for after it ran out of memory so often: slots are given up first, then context, then room on the GPU.</summary>
    private static (int Context, int Slots, double DeviceShare) Smaller(int times, int context, int slots)
    {
        var share = 1.0;
        for (var time = 0; time < times; time++)
        {
            if (slots > 1) slots /= 2;
            else if (context > SmallestContext) context = Math.Max(SmallestContext, context / 2);
            else share *= DeviceShareKept;
        }

        return (context, slots, share);
    }

    public static long NeedBytes(PlannedModel model, PlannedProvider provider, int contextPerSlot, int slots) =>
        model.Bytes + model.KvBytesPerToken * contextPerSlot * slots + provider.ProcessBytes;

    private static int SlotsOf(PlannedModel model, PlannedProvider provider, PlanInput input) =>
        Math.Max(1, Math.Min(TuningOf(new(provider.Id, model.Id), input).Number(Tunable.Slots) ?? input.Slots, provider.MostSlots ?? int.MaxValue));

    private static EngineTuning TuningOf(Seat seat, PlanInput input) => input.Tuned.GetValueOrDefault(seat, EngineTuning.None);

    /// <summary>The models that <c>auto</c> means: one for chats, one for plain completions if the first is none.</summary>
    public static IEnumerable<PlannedModel> Defaults(IReadOnlyList<PlannedModel> models, string? preferred)
    {
        var real = models.Where(m => !m.IsSelfTest)
            .OrderByDescending(m => m.Id == preferred).ThenByDescending(m => m.Added).ThenBy(m => m.Id, StringComparer.Ordinal).ToArray();
        var chat = real.FirstOrDefault(m => m.Abilities.HasFlag(ModelAbilities.Chat)) ?? models.FirstOrDefault(m => m.IsSelfTest);
        if (chat is not null) yield return chat;
        if (chat is { IsSelfTest: false }) yield break;
        var completion = real.FirstOrDefault(m => m.Abilities.HasFlag(ModelAbilities.Completion));
        if (completion is not null) yield return completion;
    }

    private static string Lowered(PlannedModel model, PlannedProvider provider, PlanInput input, int context, int slots) =>
        (context, slots) == (ContextOf(model, provider, input), SlotsOf(model, provider, input)) ? "" : $", with {slots} of {SlotsOf(model, provider, input)} slots and {context} tokens of context: more does not fit into memory{(input.Shrunk.ContainsKey(new(provider.Id, model.Id)) ? ", as was seen" : "")}";

    private static Placement.Rest WithoutMemory(Seat seat, PlanInput input)
    {
        var answering = input.Answering.Union(input.Coming).Where(other => other != seat).Select(other => other.Model).Distinct().Order(StringComparer.Ordinal).ToArray();
        return answering.Length > 0 && input.Demands.Any(d => d.Model == seat.Model && (d.Provider ?? seat.Provider) == seat.Provider && input.Now - d.LastUsed < WaitsFor)
            ? new Placement.Rest($"waits for memory until {string.Join(" and ", answering)} has answered", IsAwaited: true) { LacksMemory = true }
            : new Placement.Rest("waits for memory that models used more lately take") { LacksMemory = true };
    }

    private static Placement.Rest InTurn(Seat seat, PlannedProvider provider, PlanInput input) =>
        new($"{provider.Id} runs {(provider.MostInstances == 1 ? "one model" : $"{provider.MostInstances} models")} at a time, and others are more wanted", IsAwaited: WithoutMemory(seat, input).IsAwaited);

    private static string Gigabytes(long bytes) => (bytes / 1e9).ToString("0.0", CultureInfo.InvariantCulture) + " GB";
}
