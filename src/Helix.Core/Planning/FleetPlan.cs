using System.Collections.Immutable;
using System.Globalization;
using Helix.Core.Fleet;

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

    private const string StartIt = "helix local-llm start builtin";

    /// <summary>An engine process without its model, measured: runtime, libraries and compute buffers.</summary>
    private const long ProcessBytes = 120L << 20;

    public static ImmutableDictionary<string, Placement> Make(PlanInput input)
    {
        if (!input.Enabled) return All(input, "builtin is not in providers.enabled", "helix config unset providers.enabled");
        if (input.StoppedByUser) return All(input, "stopped by you", StartIt);
        if (!input.AutoStart && !input.StartedByUser) return All(input, "auto_manager.auto_start is off", StartIt);

        var placements = ImmutableDictionary.CreateBuilder<string, Placement>(StringComparer.Ordinal);
        var free = input.MemoryBytes;
        foreach (var (model, why) in ByUrgency(input))
        {
            var (context, slots) = SizeOf(model, input);
            var need = NeedBytes(model, context, slots);
            if (need > input.MemoryBytes)
            {
                placements[model.Id] = new Placement.Impossible(
                    $"it needs {Gigabytes(need)} of memory, even with one slot of {context} tokens, and this machine has {Gigabytes(input.MemoryBytes)} for models",
                    "take a smaller model or quantization");
                continue;
            }

            if (why is null || need > free)
            {
                placements[model.Id] = why is null ? new Placement.Rest("on disk; a request wakes it") : WithoutMemory(model, input);
                continue;
            }

            free -= need;
            placements[model.Id] = new Placement.Run(context, slots, why + Lowered(model, input, context, slots));
        }

        return placements.ToImmutable();
    }

    /// <summary>Tokens of context a slot of this model gets.</summary>
    public static int ContextOf(PlannedModel model, PlanInput input)
    {
        var wanted = input.ContextPerSlot > 0 ? input.ContextPerSlot : DefaultContext;
        return model.ContextTokens > 0 ? Math.Min(wanted, model.ContextTokens) : wanted;
    }

    /// <summary>Context and slots with which the model fits into this machine: first slots are given up, then context. The smallest size if none fits.</summary>
    public static (int Context, int Slots) SizeOf(PlannedModel model, PlanInput input)
    {
        var (context, slots) = (ContextOf(model, input), Math.Max(1, input.Slots));
        while (slots > 1 && NeedBytes(model, context, slots) > input.MemoryBytes) slots--;
        while (context > SmallestContext && NeedBytes(model, context, slots) > input.MemoryBytes) context = Math.Max(SmallestContext, context / 2);
        return (context, slots);
    }

    public static long NeedBytes(PlannedModel model, int contextPerSlot, int slots) =>
        model.Bytes + model.KvBytesPerToken * contextPerSlot * slots + ProcessBytes;

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

    private static IEnumerable<(PlannedModel Model, string? Why)> ByUrgency(PlanInput input)
    {
        var lately = input.Demands.Where(d => d.Answering || input.Now - d.LastUsed < IdleAfter)
            .GroupBy(d => d.Model, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Max(d => d.LastUsed), StringComparer.Ordinal);
        var answering = input.Demands.Where(d => d.Answering).Select(d => d.Model).ToHashSet(StringComparer.Ordinal);
        var defaults = Defaults(input.Models, input.PreferredModel).Select(m => m.Id).ToHashSet(StringComparer.Ordinal);
        return input.Models
            .Select(m => (Model: m, Used: lately.TryGetValue(m.Id, out var at) ? at : (DateTimeOffset?)null, IsDefault: defaults.Contains(m.Id)))
            .OrderByDescending(m => answering.Contains(m.Model.Id))
            .ThenByDescending(m => m.Used ?? DateTimeOffset.MinValue)
            .ThenByDescending(m => m.IsDefault)
            .ThenBy(m => m.Model.Id, StringComparer.Ordinal)
            .Select(m => (m.Model, m.Used is not null ? "asked for" : m.IsDefault ? "the default model" : null));
    }

    private static string Lowered(PlannedModel model, PlanInput input, int context, int slots) =>
        (context, slots) == (ContextOf(model, input), Math.Max(1, input.Slots)) ? "" : $", with {slots} of {input.Slots} slots and {context} tokens of context: more does not fit into memory";

    private static Placement.Rest WithoutMemory(PlannedModel model, PlanInput input)
    {
        var answering = input.Demands.Where(d => d.Answering && d.Model != model.Id).Select(d => d.Model).Order(StringComparer.Ordinal).ToArray();
        return answering.Length > 0 && input.Demands.Any(d => d.Model == model.Id && input.Now - d.LastUsed < WaitsFor)
            ? new Placement.Rest($"waits for memory until {string.Join(" and ", answering)} has answered", IsAwaited: true)
            : new Placement.Rest("waits for memory that models used more lately take");
    }

    private static ImmutableDictionary<string, Placement> All(PlanInput input, string reason, string remedy) =>
        input.Models.ToImmutableDictionary(m => m.Id, Placement (_) => new Placement.Impossible(reason, remedy) { IsWished = true }, StringComparer.Ordinal);

    private static string Gigabytes(long bytes) => (bytes / 1e9).ToString("0.0", CultureInfo.InvariantCulture) + " GB";
}
