using System.Globalization;
using Helix.Bench.Measuring;
using Helix.Bench.Models;
using Helix.Bench.Peers;
using Helix.Bench.Wire;
using Helix.Core.Models;

namespace Helix.Bench;

/// <summary>Requests for four models where two fit: how much of the memory that is reserved for engines they really take, and what becomes of the requests.</summary>
internal static class BurstBench
{
    private const int Clients = 8;
    private static readonly string[] s_names = ["burst-a", "burst-b", "burst-c", "burst-d"];
    private static readonly TimeSpan s_length = TimeSpan.FromSeconds(60);

    public static IEnumerable<Finding> Run(Setting setting)
    {
        var home = HelixServer.NewHome(setting);
        HelixServer.Configure(home, "memory_gb: 2", $"providers:\n  enabled: [builtin]\nbuiltin:\n  threads: 1\n  slots: {Engines.Slots}\n  context: {Engines.Context}\n");
        using var helix = HelixServer.Start(setting, home);
        helix.WaitForModel(id => id == SelfTestModel.Id);
        // one file under four names would lie in memory once
        foreach (var (number, name) in s_names.Index()) Child.Run(setting.Helix, ["models", "add", RandomGguf.Get(setting.Models, Shape.Middle, number + 1), "--name", name], HelixServer.Environment(home));

        using var over = new CancellationTokenSource(s_length);
        var clients = Enumerable.Range(0, Clients).Select(number => Task.Factory.StartNew(() => Client(helix, new Random(number), over.Token), TaskCreationOptions.LongRunning)).ToArray();
        var shares = new List<double>();
        long most = 0, budget = 0;
        while (!over.IsCancellationRequested)
        {
            Child.Pause(TimeSpan.FromSeconds(1));
            var (reserved, all, pids) = helix.Memory();
            var used = pids.Sum(ProcFile.SharedBytes);
            (most, budget) = (Math.Max(most, used), all);
            if (reserved > 0) shares.Add((double)used / reserved);
        }

        var ends = Task.WhenAll(clients).GetAwaiter().GetResult();
        var (answered, told, lost) = (ends.Sum(end => end.Answered), ends.Sum(end => end.Told), ends.Sum(end => end.Lost));
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  burst: {answered} answered, {told} refused with 429 or 503, {lost} lost; at most {most >> 20} of {budget >> 20} MiB taken"));
        yield return Found("reserved memory that is used, in the median second", Series.Median(shares), "≥ 0.80", Series.Median(shares) >= 0.8, shares.Count);
        yield return Found("memory of all engines at most, of the budget", (double)most / budget, "≤ 1", most <= budget, shares.Count);
        yield return Found("requests neither answered nor refused with 429 or 503", lost, "≤ 0", lost == 0, answered + told + lost);

        static Finding Found(string what, double value, string target, bool passed, int count) => new("burst", what, "", value, null, null, target, passed, count, 0);
    }

    private static (int Answered, int Told, int Lost) Client(HelixServer helix, Random random, CancellationToken over)
    {
        var (answered, told, lost) = (0, 0, 0);
        while (!over.IsCancellationRequested)
        {
            using var link = new HttpLink(helix.Place);
            var answer = link.Post("/v1/completions", $$"""{"model":"{{s_names[random.Next(s_names.Length)]}}","prompt":"Once upon a time","max_tokens":32,"temperature":0}""");
            if (answer.Status == 200) answered++;
            else if (answer.Status is 429 or 503) told++;
            else lost++;
        }

        return (answered, told, lost);
    }
}
