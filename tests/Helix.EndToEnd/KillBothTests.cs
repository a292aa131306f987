using System.Diagnostics;
using System.Globalization;

namespace Helix.EndToEnd;

/// <summary>Keeper and daemon bring each other back. Where both are killed at nearly the same moment, one may have been started and be known to nobody.</summary>
[Collection(Alone.Name)]
public sealed class KillBothTests
{
    private static readonly int[] s_mostMilliseconds = [0, 2, 10, 30, 120];

    [Fact]
    public async Task Whenever_both_are_killed_the_next_start_answers_and_there_is_one_of_each()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("HELIX_TEST_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Environment.TickCount;
        Ring.Say($"seed {seed} (HELIX_TEST_SEED)");
        var random = new Random(seed);
        await using var home = new TempHome();
        (await home.HelixAsync("start")).Succeeded();
        for (var round = 0; round < (Ring.IsLong ? 100 : 12); round++)
        {
            // one, the other, and whatever was brought back by then
            foreach (var role in random.Next(2) == 0 ? (string[])["keeper", "daemon", "keeper"] : ["daemon", "keeper", "daemon"])
            {
                foreach (var process in home.Alive.Where(process => process.Role == role)) Processes.Signal(process, Processes.Kill);
                Pass(random.Next(s_mostMilliseconds[random.Next(s_mostMilliseconds.Length)] + 1));
            }

            (await home.HelixAsync("start")).Succeeded();
            await Eventually.TrueAsync(
                () => home.Alive is var alive && alive.Count(process => process.Role == "keeper") == 1 && alive.Count(process => process.Role == "daemon") == 1,
                $"one keeper and one daemon after round {round}", () => string.Join('\n', home.Alive));
            (await home.Api.GetAsync("/helix/v1/status")).Is(200);
        }
    }

    /// <summary>A moment of the test's own choice, not a wait for something.</summary>
    private static void Pass(int milliseconds)
    {
        for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun).TotalMilliseconds < milliseconds;) Thread.SpinWait(100);
    }
}
