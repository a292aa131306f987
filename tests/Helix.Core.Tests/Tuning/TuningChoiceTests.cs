using System.Collections.Immutable;
using Helix.Core.Manifests;
using Helix.Core.Tuning;

namespace Helix.Core.Tests.Tuning;

public sealed class TuningChoiceTests
{
    private static readonly ImmutableArray<Tunable> s_all =
    [
        new(Tunable.Context, 256, 1 << 20, 1, [], "restart"), new(Tunable.Slots, 1, 16, 1, [], "restart"),
        new(Tunable.Threads, 1, 64, 1, [], "restart"), new(Tunable.Batch, 32, 4096, 1, [], "restart"),
    ];

    public static TheoryData<string, int, int, int, int, bool, string?> Rows => new()
    {
        // why                                        threads slots concurrent prompt fits  next
        { "more came at once than it computes",             3, 4, 8, 100, true, "slots 8" },
        { "more came than the range allows",                3, 12, 40, 100, true, "slots 16" },
        { "there is no memory for more: threads are next",  3, 4, 8, 100, false, "threads 4" },
        { "one at a time: a processor more",                3, 4, 1, 100, true, "threads 4" },
        { "all processors: one less",                       4, 4, 1, 100, true, "threads 3" },
        { "long prompts count after the threads",           3, 4, 1, 600, true, "threads 4" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_likeliest_change_is_first(string why, int threads, int slots, int concurrent, int prompt, bool fits, string? next) =>
        Assert.True(next == Said(TuningChoice.Next(Facts(threads, slots, concurrent, prompt, fits))), why);

    [Fact]
    public void What_was_tried_is_not_tried_again_and_at_the_end_nothing_is_left()
    {
        var facts = Facts(3, 4, 8, 600, fits: true);
        var tried = new List<string>();
        while (TuningChoice.Next(facts) is { } change)
        {
            tried.Add(Said(change)!);
            facts = facts with { Tried = facts.Tried.Add(new(change.Knob, change.To, Kept: false)) };
        }

        Assert.Equal(["slots 8", "threads 4", "threads 2", "batch 1024", "batch 4096", "batch 512", "batch 2048", "batch 256"], tried);
    }

    [Fact]
    public void What_the_user_set_stays() =>
        Assert.Equal("threads 4", Said(TuningChoice.Next(Facts(3, 4, 8, 100, fits: true) with { SetByUser = [Tunable.Slots] })));

    [Fact]
    public void On_a_GPU_threads_are_left_alone() => Assert.Null(TuningChoice.Next(Facts(3, 4, 1, 100, fits: true) with { IsOnDevice = true }));

    [Fact]
    public void Nothing_is_changed_that_the_manifest_does_not_name() => Assert.Null(TuningChoice.Next(Facts(3, 4, 8, 600, fits: true) with { Tunes = [] }));

    [Fact]
    public void Every_change_says_why_and_stays_within_its_range()
    {
        var random = new Random(7);
        for (var run = 0; run < 500; run++)
        {
            var facts = Facts(random.Next(1, 65), random.Next(1, 17), random.Next(1, 50), random.Next(1, 2000), random.Next(2) == 0) with { Cores = random.Next(1, 129) };
            if (TuningChoice.Next(facts) is not { } change) continue;
            var range = s_all.Of(change.Knob)!;
            Assert.InRange(int.Parse(change.To, System.Globalization.CultureInfo.InvariantCulture), range.Least!.Value, range.Most!.Value);
            Assert.NotEqual(change.From, change.To);
            Assert.NotEqual("", change.Why);
        }
    }

    private static TuningFacts Facts(int threads, int slots, int concurrent, int prompt, bool fits) => new(s_all, threads, slots, EngineTuning.None, 4, false, concurrent, prompt, _ => fits, []);

    private static string? Said(KnobChange? change) => change is null ? null : $"{change.Knob} {change.To}";
}
