using System.Collections.Concurrent;
using Helix.Core.Simulation;

namespace Helix.Core.Tests.Simulation;

public sealed class FleetSimulationTests
{
    private const int Days = 7;

    /// <summary>A bad week with damaged models, full disks and bad releases on top of each other.</summary>
    private const double LeastAvailability = 0.9;

    private static readonly bool s_isLong = Environment.GetEnvironmentVariable("HELIX_TEST_LONG") is { Length: > 0 };

    [Fact]
    public void In_a_calm_week_everything_is_done_exactly_as_often_as_it_should_be()
    {
        var report = FleetSimulation.Run(new(Seed: 1, Days, Engines: 1, WithFaults: false));

        Assert.Null(report.Broken);
        Assert.Equal(20_160, report.Looks);
        Assert.Equal(
            new Dictionary<string, int> { ["tuning"] = 2016, ["security"] = 1008, ["updates"] = 168, ["backup"] = 7, ["cleanup"] = 7 }.OrderBy(run => run.Key, StringComparer.Ordinal),
            report.Runs.OrderBy(run => run.Key, StringComparer.Ordinal));
        Assert.Empty(report.Faults);
        Assert.True(report.Availability > 0.9999, $"{report.Availability}");
    }

    [Fact]
    public void What_must_always_hold_holds_in_thousands_of_days_with_faults()
    {
        var first = ulong.TryParse(Environment.GetEnvironmentVariable("HELIX_TEST_SEED"), System.Globalization.CultureInfo.InvariantCulture, out var given) ? given : 1;
        var runs = s_isLong ? 3000 : 300;
        var (faults, broken) = (new SortedSet<string>(StringComparer.Ordinal), new ConcurrentQueue<string>());

        Parallel.For(0, runs, run =>
        {
            var report = FleetSimulation.Run(new(first + (ulong)run, Days, 1 + run % 3));
            var again = $"helix sim --seed {report.Settings.Seed} --days {Days} --engines {report.Settings.Engines}";
            if (report.Broken is not null) broken.Enqueue($"{again}: {report.Broken}\n{string.Join('\n', report.Last)}");
            else if (report.Availability < LeastAvailability) broken.Enqueue($"{again}: served {report.Availability * 100:0.00} %");
            lock (faults) faults.UnionWith(report.Faults.Keys);
        });

        Assert.True(broken.IsEmpty, $"{broken.Count} of {runs}:\n{string.Join("\n\n", broken.Take(3))}");
        Assert.Equal(["clock_set", "crashed", "daemon_killed", "disk_full", "killed", "machine_off", "memory_killed", "model_broken", "rolled_back", "silent", "update", "wedged"], faults);
    }

    [Fact]
    public void The_same_seed_gives_the_same_steps_and_another_gives_others()
    {
        var (one, same, other) = (FleetSimulation.Run(new(5, 2)), FleetSimulation.Run(new(5, 2)), FleetSimulation.Run(new(6, 2)));

        Assert.Equal((one.Digest, one.Steps), (same.Digest, same.Steps));
        Assert.NotEqual(one.Digest, other.Digest);
    }

    [Fact]
    public void Half_of_what_goes_wrong_is_mended_within_a_minute()
    {
        var recoveries = Enumerable.Range(1, 20).SelectMany(seed => FleetSimulation.Run(new((ulong)seed, Days)).Recoveries).Order().ToArray();

        Assert.True(recoveries.Length > 100, $"{recoveries.Length}");
        Assert.True(recoveries[recoveries.Length / 2] < TimeSpan.FromSeconds(60), $"{recoveries[recoveries.Length / 2]}");
    }
}
