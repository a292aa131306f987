using System.Collections.Immutable;
using System.Globalization;
using Helix.Core.Manifests;

namespace Helix.Core.Tuning;

/// <summary>One change of one knob.</summary>
/// <param name="From">As it is; in words where no number is said now.</param>
internal sealed record KnobChange(string Knob, string From, string To, string Why);

/// <summary>A change that was tried with the same release and model.</summary>
internal sealed record TriedChange(string Knob, string To, bool Kept);

/// <summary>What is known of an engine with a model when the next change is chosen.</summary>
/// <param name="Tunes">What may be changed, and how far.</param>
/// <param name="Cores">Of the machine, that engines may use.</param>
/// <param name="IsOnDevice">It computes on a GPU.</param>
/// <param name="MostConcurrent">Requests that were under way at once, by what was seen of late.</param>
/// <param name="MedianPrompt">Tokens.</param>
/// <param name="Fits">Whether so many slots have room in the memory.</param>
internal sealed record TuningFacts(ImmutableArray<Tunable> Tunes, int Threads, int Slots, EngineTuning Tuning, int Cores, bool IsOnDevice, int MostConcurrent, int MedianPrompt, Func<int, bool> Fits, ImmutableArray<TriedChange> Tried)
{
    /// <summary>Knobs that the user set himself: they stay.</summary>
    public ImmutableArray<string> SetByUser { get; init; } = [];
}

/// <summary>
/// Which change is tried next: one at a time, within the ranges of the manifest, the likeliest first, and none twice. What decides how much memory of a GPU
/// is taken (<c>gpu_layers</c>, <c>memory_share</c>) is the plan's, which gives all that the ledger has. A smaller context would refuse what was answered before,
/// and a coarser cache (<c>kv_type</c>) would answer otherwise: both are left to the user.
/// </summary>
internal static class TuningChoice
{
    /// <summary>From that on the reading of a prompt is most of the work.</summary>
    private const int LongPrompt = 256;

    private const string Usual = "its own";

    private static readonly ImmutableArray<int> s_batches = [1024, 4096, 512, 2048, 8192, 256];

    /// <returns>Null where nothing is left to try.</returns>
    public static KnobChange? Next(TuningFacts facts) => Candidates(facts).FirstOrDefault(change => !facts.SetByUser.Contains(change.Knob) && !facts.Tried.Any(tried => (tried.Knob, tried.To) == (change.Knob, change.To)));

    private static IEnumerable<KnobChange> Candidates(TuningFacts facts) => [.. Slots(facts), .. Threads(facts), .. Batch(facts)];

    private static IEnumerable<KnobChange> Slots(TuningFacts facts)
    {
        if (facts.Tunes.Of(Tunable.Slots) is not { } range || facts.MostConcurrent <= facts.Slots) yield break;
        foreach (var more in new[] { facts.Slots * 2, facts.MostConcurrent }.Select(range.Within).Where(more => more > facts.Slots).Distinct())
            if (facts.Fits(more)) yield return new(Tunable.Slots, Number(facts.Slots), Number(more), $"{facts.MostConcurrent} requests came at once, and it computes {facts.Slots} at a time");
    }

    private static IEnumerable<KnobChange> Threads(TuningFacts facts)
    {
        if (facts.Tunes.Of(Tunable.Threads) is not { } range || facts.IsOnDevice) yield break;
        foreach (var (count, why) in new[]
        {
            (facts.Cores, "every processor may help"),
            (facts.Cores - 1, "one processor less leaves room for what asks"),
            (facts.Cores / 2, "processors that share a core, or memory that is slow, are no help"),
        })
            if (count > 0 && range.Within(count) is var threads && threads != facts.Threads) yield return new(Tunable.Threads, Number(facts.Threads), Number(threads), why);
    }

    private static IEnumerable<KnobChange> Batch(TuningFacts facts)
    {
        if (facts.Tunes.Of(Tunable.Batch) is not { } range || facts.MedianPrompt < LongPrompt) yield break;
        var now = facts.Tuning.Text(Tunable.Batch) ?? Usual;
        foreach (var batch in s_batches.Where(size => range.Within(size) == size && Number(size) != now))
            yield return new(Tunable.Batch, now, Number(batch), $"half of the prompts have {facts.MedianPrompt} tokens or more: reading them is most of the work");
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
