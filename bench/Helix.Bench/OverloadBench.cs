using System.Diagnostics;
using System.Globalization;
using Helix.Bench.Measuring;
using Helix.Bench.Models;
using Helix.Bench.Peers;
using Helix.Bench.Wire;

namespace Helix.Bench;

/// <summary>Ten times as many clients as can be answered, very unevenly spread over three keys.</summary>
internal static class OverloadBench
{
    private const int Few = 5;
    private static readonly (string Key, int Clients)[] s_many = [("modest", 5), ("usual", 15), ("greedy", 30)];
    private static readonly TimeSpan s_length = TimeSpan.FromSeconds(20);

    public static IEnumerable<Finding> Run(Setting setting)
    {
        var home = HelixServer.NewHome(setting, RandomGguf.Get(setting.Models, Shape.All[0]));
        HelixServer.Configure(home, "memory_gb: 4", $"providers:\n  enabled: [builtin]\nbuiltin:\n  threads: 1\n  slots: {Engines.Slots}\n  context: {Engines.Context}\n");
        using var helix = HelixServer.Start(setting, home);
        var model = helix.WaitForModel(id => id.Contains("random", StringComparison.Ordinal));
        var keys = s_many.ToDictionary(each => each.Key, each => Child.Run(setting.Helix, ["keys", "create", each.Key], HelixServer.Environment(home)).Output.Trim());
        Load(helix, model, [(keys["usual"], Few)], TimeSpan.FromSeconds(3));

        var rows = new List<(double Peak, double Goodput, double Least, double Most, double Memory, int Lost)>();
        for (var round = 0; round < setting.Rounds; round++)
        {
            var peak = Load(helix, model, [(keys["usual"], Few)], s_length).Answered.Sum();
            var before = ProcFile.ResidentMegabytes(helix.DaemonPid);
            var (answered, lost) = Load(helix, model, [.. s_many.Select(each => (keys[each.Key], each.Clients))], s_length);
            var goodput = answered.Sum();
            rows.Add((peak, goodput, answered.Min() * 3.0 / goodput, answered.Max() * 3.0 / goodput, ProcFile.ResidentMegabytes(helix.DaemonPid) - before, lost));
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  overload: {peak} answers with {Few} clients, {goodput} with {s_many.Sum(each => each.Clients)}: {string.Join(", ", answered)}"));
        }

        yield return Found("answers, of those without overload", Middle(row => row.Goodput / row.Peak), "≥ 0.90", value => value >= 0.9);
        yield return Found("the key that got least, of an equal share", Middle(row => row.Least), "≥ 0.95", value => value >= 0.95);
        yield return Found("the key that got most, of an equal share", Middle(row => row.Most), "≤ 1.05", value => value <= 1.05);
        yield return Found("memory of the daemon, beyond before", Middle(row => row.Memory), "≤ 20", value => value <= 20, "MB");
        yield return Found("requests neither answered nor refused with 429", rows.Sum(row => row.Lost), "≤ 0", value => value == 0);

        double Middle(Func<(double Peak, double Goodput, double Least, double Most, double Memory, int Lost), double> of) => Series.Median(rows.Select(of));

        Finding Found(string what, double value, string target, Func<double, bool> holds, string unit = "") => new("overload", what, unit, value, null, null, target, holds(value), rows.Count, 0);
    }

    /// <returns>How many each of the keys was answered within the time.</returns>
    private static (int[] Answered, int Lost) Load(HelixServer helix, string model, IReadOnlyList<(string Key, int Clients)> keys, TimeSpan length)
    {
        var (answered, lost, begun) = (new int[keys.Count], 0, Stopwatch.GetTimestamp());
        var threads = keys.SelectMany((key, number) => Enumerable.Range(0, key.Clients).Select(_ => Task.Factory.StartNew(() => Client(key.Key, number), TaskCreationOptions.LongRunning))).ToArray();
        Task.WaitAll(threads);
        return (answered, lost);

        void Client(string key, int number)
        {
            using var link = new HttpLink(helix.Place);
            while (Stopwatch.GetElapsedTime(begun) < length)
            {
                var status = link.Post("/v1/completions", $$"""{"model":"{{model}}","prompt":"Once upon a time","max_tokens":32,"temperature":0}""", key).Status;
                if (status == 200 && Stopwatch.GetElapsedTime(begun) < length) Interlocked.Increment(ref answered[number]);
                else if (status == 429) Child.Pause(TimeSpan.FromSeconds(1));
                else if (status != 200) Interlocked.Increment(ref lost);
            }
        }
    }
}
