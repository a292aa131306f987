using System.Globalization;

namespace Helix.EndToEnd;

/// <summary>What fifty open dashboards cost.</summary>
[Collection(Alone.Name)]
public sealed class DashboardCrowdTests
{
    private const int Crowd = 50;
    private const long MostBytes = 20_000_000;
    private const double MostOfACore = 0.05;
    private const double TicksPerSecond = 100;

    private static readonly TimeSpan s_watched = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Fifty_open_dashboards_cost_little_memory_and_little_of_a_core()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux tells what a process takes");
        Assert.SkipUnless(File.Exists(Path.Combine(Binary.Repository, "ui", "dist", "index.html")), "the dashboard is not built here");
        await using var home = new TempHome();
        (await home.HelixAsync("start")).Succeeded();
        var (page, _) = await DashboardPage.SignInAsync((await home.HelixAsync("dashboard", "--no-browser")).Succeeded().Out.Trim());
        using var signedIn = page!;
        var daemon = home.Daemon.Pid;
        var before = Resident(daemon);
        var streams = await Task.WhenAll(Enumerable.Range(0, Crowd).Select(_ => signedIn.FollowAsync()));
        foreach (var stream in streams) Assert.Equal("snapshot", await stream.NextAsync());
        using var over = new CancellationTokenSource();
        var reading = streams.Select(stream => Task.Run(async () =>
        {
            while (!over.IsCancellationRequested && await stream.NextAsync() is not null) { }
        })).ToArray();

        var (ticks, begun) = (Ticks(daemon), TimeProvider.System.GetTimestamp());
        await Task.Delay(s_watched, TimeProvider.System, TestContext.Current.CancellationToken);
        var cores = (Ticks(daemon) - ticks) / TicksPerSecond / TimeProvider.System.GetElapsedTime(begun).TotalSeconds;
        var more = Resident(daemon) - before;
        await over.CancelAsync();
        await Task.WhenAll(reading);
        foreach (var stream in streams) stream.Dispose();

        Ring.Say(string.Create(CultureInfo.InvariantCulture, $"{Crowd} dashboards: {more / 1e6:0.0} MB more, {cores * 100:0.0} % of a core"));
        Assert.True(more <= MostBytes, $"{more} bytes more");
        Assert.True(cores <= MostOfACore, $"{cores:0.000} cores");
    }

    private static long Resident(int pid) =>
        long.Parse(File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;

    private static long Ticks(int pid)
    {
        var text = File.ReadAllText($"/proc/{pid}/stat");
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
    }
}
