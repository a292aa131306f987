using System.CommandLine;
using System.Globalization;
using Helix.Contracts;
using Helix.Core.Simulation;

namespace Helix.Cli;

/// <summary>Runs helix's decisions over a simulated machine. Nothing of this machine is touched.</summary>
internal static class SimulationVerb
{
    private const int MostDays = 3650;
    private const int MostEngines = 16;

    public static Command Create(CliWorld world)
    {
        var seed = new Option<ulong>("--seed") { Description = "Of everything that happens; the same seed, the same steps.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var days = new Option<int>("--days") { Description = $"To simulate, from 1 to {MostDays}.", HelpName = "N", DefaultValueFactory = _ => 7 };
        var engines = new Option<int>("--engines") { Description = $"Models that are asked for, from 1 to {MostEngines}.", HelpName = "N", DefaultValueFactory = _ => 3 };
        var calm = new Option<bool>("--calm") { Description = "Nothing goes wrong, and nobody asks." };
        var verb = new Verb("sim", "Simulate a fleet with faults, and check that what must always hold does.", "helix sim --seed 7", "helix sim --days 30 --engines 5 --format json") { seed, days, engines, calm };
        FormatOption.Add(verb);
        Within(days, "--days", MostDays);
        Within(engines, "--engines", MostEngines);
        verb.SetAction((parse, _) => Task.FromResult(Run(parse, new SimulationSettings(parse.GetValue(seed), parse.GetValue(days), parse.GetValue(engines), !parse.GetValue(calm)), world)));
        return verb;
    }

    private static void Within(Option<int> option, string name, int most) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is var given && (given < 1 || given > most)) result.AddError($"{name} is a number from 1 to {most}.");
    });

    private static int Run(ParseResult parse, SimulationSettings settings, CliWorld world)
    {
        var begun = world.Time.GetTimestamp();
        var report = FleetSimulation.Run(settings);
        var took = world.Time.GetElapsedTime(begun);
        if (parse.IsJson()) world.Terminal.WriteJson(Of(report), SimulationJson.Default.SimulationAnswer);
        else Write(world.Terminal, report, took);
        return report.Broken is null ? ExitCodes.Ok : ExitCodes.Bug;
    }

    private static SimulationAnswer Of(SimulationReport report) => new(
        report.Settings.Seed, report.Settings.Days, report.Settings.Engines, report.Digest.ToString("x16", CultureInfo.InvariantCulture), report.Steps, report.Looks, report.Faults, report.Runs, report.Availability,
        report.Recoveries.Length, report.Recovery(50)?.TotalSeconds, report.Recovery(95)?.TotalSeconds, report.Broken, report.Last);

    private static void Write(Terminal terminal, SimulationReport report, TimeSpan took)
    {
        var settings = report.Settings;
        terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {settings.Seed}: {settings.Days} days with {settings.Engines} engines in {took.TotalSeconds:0.00} s, {report.Steps} steps, digest {report.Digest:x16}"));
        terminal.Out.WriteLine($"faults: {(report.Faults.IsEmpty ? "none" : string.Join(", ", report.Faults.Select(fault => $"{fault.Value} {fault.Key}")))}");
        terminal.Out.WriteLine($"done by itself: {string.Join(", ", report.Runs.Select(run => $"{run.Value} {run.Key}"))}, {report.Looks} looks at engines that serve");
        terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"served {report.Availability * 100:0.000} % of the time in which it was to; {report.Recoveries.Length} recoveries, half of them within {report.Recovery(50)?.TotalSeconds ?? 0:0.0} s, 95 % within {report.Recovery(95)?.TotalSeconds ?? 0:0.0} s"));
        if (report.Longest is { } longest) terminal.Out.WriteLine($"the longest: {longest}");
        if (report.Broken is not { } broken) return;
        foreach (var step in report.Last) terminal.Out.WriteLine(step);
        terminal.Say($"broken {broken}");
        terminal.Say($"the same again: helix sim --seed {settings.Seed} --days {settings.Days} --engines {settings.Engines}{(settings.WithFaults ? "" : " --calm")}");
    }
}
