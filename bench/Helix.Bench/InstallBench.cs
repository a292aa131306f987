using System.Diagnostics;
using System.Globalization;
using Helix.Bench.Measuring;
using Helix.Bench.Peers;
using Helix.Mirrors;

namespace Helix.Bench;

/// <summary>Installations of every kind from mirrors that fail now and then and are well again: how many succeed without a hand, and how long they take.</summary>
internal static class InstallBench
{
    private const int Installs = 200;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    public static IEnumerable<Finding> Run(Setting setting)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("HELIX_TEST_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Environment.TickCount;
        Console.Error.WriteLine($"  install: seed {seed} (HELIX_TEST_SEED)");
        var random = new Random(seed);
        var shop = Shop.OpenAsync().GetAwaiter().GetResult();
        var times = Shop.Kinds.ToDictionary(kind => kind.Id, _ => new List<double>(), StringComparer.Ordinal);
        var begun = 0;
        while (begun < Installs)
        {
            if (begun % (5 * Shop.Kinds.Length) == 0) Console.Error.WriteLine($"  install: {begun} begun, {times.Values.Sum(all => all.Count)} done");
            shop.Mirror.Faults.Clear();
            foreach (var kind in Shop.Kinds) Disturb(shop.Mirror.Faults, kind.Path, random);
            foreach (var (id, seconds) in InstallAll(setting, shop)) times[id].Add(seconds);
            begun += Shop.Kinds.Length;
        }

        shop.Mirror.DisposeAsync().AsTask().GetAwaiter().GetResult();
        foreach (var kind in Shop.Kinds.Where(kind => times[kind.Id].Count > 0))
        {
            yield return new("install", $"{kind.Name} ({kind.Id}), median", "s", Series.Median(times[kind.Id]), null, null, "", null, times[kind.Id].Count, 0);
            yield return new("install", $"{kind.Name} ({kind.Id}), slowest", "s", times[kind.Id].Max(), null, null, "", null, times[kind.Id].Count, 0);
        }

        var share = (double)times.Values.Sum(all => all.Count) / begun;
        yield return new("install", $"installed without a hand, of {begun} (seed {seed})", "", share, null, null, "≥ 0.95", share >= 0.95, begun, 0);
    }

    /// <summary>Three of four meet one or two faults, each of which passes.</summary>
    private static void Disturb(Mischief faults, string path, Random random)
    {
        for (var count = random.Next(4) == 0 ? 0 : random.Next(1, 3); count > 0; count--)
        {
            switch (random.Next(4))
            {
                case 0: faults.Fail(path, 503, 1); break;
                case 1: faults.Fail(path, 500, 1); break;
                case 2: faults.Cut(path, random.Next(200), 1); break;
                // npm waits five minutes for one that is silent: that would be measured, and nothing else
                default: if (path != "/npm/*") faults.Stall(path, 1); break;
            }
        }
    }

    /// <summary>A new home, in which everything is installed by itself.</summary>
    private static Dictionary<string, double> InstallAll(Setting setting, Shop shop)
    {
        var home = HelixServer.NewHome(setting);
        HelixServer.Configure(home, "memory_gb: 64", shop.Settings);
        var manifests = Directory.CreateDirectory(Path.Combine(home, "local-llm", "providers.d")).FullName;
        foreach (var (id, text) in shop.Overlays) File.WriteAllText(Path.Combine(manifests, id + ".yaml"), text);
        var environment = shop.Environment(home);
        var done = new Dictionary<string, double>(StringComparer.Ordinal);
        var start = Stopwatch.GetTimestamp();
        using (var helix = HelixServer.Start(setting, home, environment))
        {
            helix.WaitForModel(_ => true);
            Child.Run(setting.Helix, ["local-llm", "accept-license", "lmstudio"], environment);
            for (; done.Count < Shop.Kinds.Length && Stopwatch.GetElapsedTime(start) < s_patience; Child.Pause(TimeSpan.FromMilliseconds(100)))
                foreach (var id in helix.In("standby", "ready", "starting").Where(id => id != "builtin"))
                    done.TryAdd(id, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        foreach (var missing in Shop.Kinds.Where(kind => !done.ContainsKey(kind.Id)))
            Console.Error.WriteLine($"  install: {missing.Id} was not installed: see {Path.Combine(home, "local-llm", "logs", missing.Id)}");
        if (done.Count == Shop.Kinds.Length) Directory.Delete(home, recursive: true);
        return done;
    }
}
