using CsCheck;
using Helix.Core.Live;

namespace Helix.Core.Tests.Live;

public sealed class MachineMinutesTests
{
    private const long Minute = 30_000_000;

    private static readonly MachineLook s_nothing = new(null, null, null, null, []);

    [Fact]
    public void A_minute_is_what_was_seen_in_it_on_average_and_what_was_not_seen_is_nothing()
    {
        var minute = Assert.Single(MachineMinutes.None
            .With(Minute, s_nothing with { Cpu = 0.2, MemoryBytes = 100 })
            .With(Minute, s_nothing with { Cpu = 0.6, Gpus = [new(0.5, 10), new(null, 30)] })
            .With(Minute, s_nothing with { MemoryBytes = 300, Gpus = [new(0.7, 20)] }).All);

        Assert.Equal((Minute, 0.4, 200.0), (minute.Number, minute.Cpu.Value!.Value, minute.MemoryBytes.Value!.Value));
        Assert.Null(minute.DiskFreeBytes.Value);
        (double?, double?)[] expected = [(0.6, 15.0), (null, 30.0)];
        Assert.Equal(expected, minute.Gpus.Select(gpu => (Rounded(gpu.Busy.Value), gpu.UsedBytes.Value)));
    }

    [Fact]
    public void After_an_hour_it_is_forgotten_also_where_nobody_looked_meanwhile()
    {
        var minutes = MachineMinutes.None.With(Minute, s_nothing);
        Assert.Equal([Minute, Minute + 59], minutes.With(Minute + 59, s_nothing).All.Select(each => each.Number));
        Assert.Equal([Minute + 60], minutes.With(Minute + 60, s_nothing).All.Select(each => each.Number));
    }

    [Fact]
    public void Whatever_the_clock_does_there_are_at_most_sixty_each_once_and_none_ahead_of_it() =>
        Gen.Int[-90, 90].Array[1, 200].Sample(steps =>
        {
            var (minutes, now) = (MachineMinutes.None, Minute);
            foreach (var step in steps)
            {
                // most of the time it just goes on
                now += step % 5 == 0 ? step : Math.Sign(step) & 1;
                minutes = minutes.With(now, s_nothing with { Cpu = 1 });
                long[] numbers = [.. minutes.All.Select(each => each.Number)];
                Assert.True(numbers.Length <= MachineMinutes.Kept && numbers[^1] == now && numbers[0] > now - MachineMinutes.Kept);
                Assert.Equal(numbers.Distinct().Order(), numbers.AsEnumerable());
                Assert.All(minutes.All, each => Assert.Equal(1.0, each.Cpu.Value));
            }
        });

    private static double? Rounded(double? value) => value is { } known ? Math.Round(known, 6) : null;
}
