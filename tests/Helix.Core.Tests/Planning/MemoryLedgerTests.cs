using Helix.Core.Planning;

namespace Helix.Core.Tests.Planning;

public sealed class MemoryLedgerTests
{
    private const long Gigabyte = 1_000_000_000;

    private static readonly MeasuredSeat s_seat = new("llamacpp", "b1", "qwen", 2 * Gigabyte, 8192, 4);

    [Fact]
    public void What_was_not_measured_is_not_known() => Assert.Null(MemoryLedger.Empty.Of(s_seat, Gigabyte));

    [Fact]
    public void The_most_that_was_seen_counts_with_a_margin()
    {
        var ledger = MemoryLedger.Empty.With(s_seat, 3 * Gigabyte).With(s_seat, 2 * Gigabyte);

        Assert.Equal(3 * Gigabyte + 3 * Gigabyte / 20, ledger.Of(s_seat, Gigabyte));
        Assert.Same(ledger, ledger.With(s_seat, 3 * Gigabyte));
    }

    [Fact]
    public void What_weights_and_cache_will_fill_in_time_is_reserved_however_little_was_seen() =>
        Assert.Equal(5 * Gigabyte, MemoryLedger.Empty.With(s_seat, Gigabyte).Of(s_seat, 5 * Gigabyte));

    [Fact]
    public void Another_release_another_file_and_another_size_are_measured_anew()
    {
        var ledger = MemoryLedger.Empty.With(s_seat, 3 * Gigabyte);

        Assert.All(
            [s_seat with { Release = "b2" }, s_seat with { ModelBytes = 1 }, s_seat with { Slots = 1 }, s_seat with { ContextPerSlot = 1 }, s_seat with { Provider = "builtin" }],
            other => Assert.Null(ledger.Of(other, 1)));
    }

    [Fact]
    public void It_grows_no_further_than_its_bound_and_keeps_what_is_large_and_what_is_new()
    {
        var ledger = Enumerable.Range(0, MemoryLedger.Most + 50).Aggregate(MemoryLedger.Empty, (all, number) => all.With(s_seat with { Model = $"m{number}", ModelBytes = 1000 - number % 1000 }, number + 1));

        Assert.Equal(MemoryLedger.Most, ledger.Peaks.Count);
        Assert.Contains(s_seat with { Model = "m0", ModelBytes = 1000 }, ledger.Peaks.Keys);
        Assert.Contains(s_seat with { Model = $"m{MemoryLedger.Most + 49}", ModelBytes = 1000 - (MemoryLedger.Most + 49) % 1000 }, ledger.Peaks.Keys);
    }
}
