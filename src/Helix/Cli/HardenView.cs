using System.Collections.Immutable;
using System.CommandLine;
using Helix.Configuration;
using Helix.Contracts;
using Helix.Core.Cli;
using Helix.Core.Configuration;
using Helix.Core.History;
using Helix.Core.Security;
using Helix.Install;
using Helix.Manifests;
using Helix.Processes;
using Helix.Security;

namespace Helix.Cli;

/// <summary><c>helix doctor --harden</c>: what a running helix found, else what can be seen without it; and what could be stricter.</summary>
internal static class HardenView
{
    private const int Indent = 10;

    public static async Task<int> RunAsync(ParseResult parse, CliWorld world, CancellationToken cancellationToken)
    {
        var running = await RunningAsync(world, cancellationToken);
        var found = running?.Looked is null ? SecurityReporting.Of(Local(world)) : [.. running.Findings.Where(finding => finding.Done is null)];
        var facts = await world.Measure(null, cancellationToken);
        var today = DateOnly.FromDateTime(world.Time.GetUtcNow().UtcDateTime);
        var listed = running?.ListDate ?? Shelf(world).Current().List.Date;
        var proposals = SecurityReporting.Of(Hardening.Of(ConfigOf(world), facts.Sandbox, facts.Machine.Os, listed, today));
        var all = found.Concat(proposals).OrderByDescending(finding => finding.Severity).ToArray();
        var report = new HardenReport(all.All(finding => finding.Severity < Severity.Error), running?.Looked, all);
        if (parse.IsJson()) world.Terminal.WriteJson(report, SecurityJson.Default.HardenReport);
        else Write(world.Terminal, report, running);
        return report.Safe ? ExitCodes.Ok : ExitCodes.Unhealthy;
    }

    private static void Write(Terminal terminal, HardenReport report, SecurityReport? running)
    {
        foreach (var proposal in report.Proposals)
        {
            var level = proposal.Severity.Word();
            terminal.Out.WriteLine($"{terminal.Tint(level)}{new string(' ', Indent - level.Length)}{PlainText.Of(proposal.What.Contains(proposal.Subject, StringComparison.Ordinal) ? proposal.What : $"{proposal.Subject}: {proposal.What}")}");
            foreach (var more in new[] { $"why: {proposal.Why}", $"{proposal.Remedy}{(proposal.Command is { } command ? $": {command}" : "")}" }) terminal.Tell(new string(' ', Indent) + more);
        }

        if (report.Proposals.Count == 0) terminal.Out.WriteLine("nothing was found that could be safer");
        terminal.Say(running switch
        {
            { Looked: { } looked } => $"helix looked last at {looked.UtcDateTime:yyyy-MM-dd HH:mm} UTC{(running.Watching ? "" : ", and does not by itself")}; nothing was changed now",
            null => "helix does not run: its engines, and the files of its releases, were not looked at; nothing was changed",
            _ => "helix has not looked yet: its engines, and the files of its releases, are not in this; nothing was changed",
        });
    }

    private static async Task<SecurityReport?> RunningAsync(CliWorld world, CancellationToken cancellationToken)
    {
        if (world.Keeper.Socket is null) return null;
        using var daemon = world.Daemon();
        return await daemon.GetAsync("/helix/v1/security", SecurityJson.Default.SecurityReport, cancellationToken) is Answer<SecurityReport>.Is(var report) ? report : null;
    }

    /// <summary>Rights of files, and versions: what is seen without a daemon, and at once.</summary>
    private static IEnumerable<SecurityFinding> Local(CliWorld world)
    {
        var (home, user) = (world.Home, NativeLibc.UserId());
        var (list, wrong) = Shelf(world).Current();
        return PathRules.Of(new HomePermissions(home, RunFolder.Find(home), () => ConfigOf(world).Backup.KeyFile).Look(), user)
            .Concat(list.Of(SecurityRegistration.Installed(new ReleaseStore(home), new ManifestShelf(home).Current)))
            .Concat(wrong is null ? ImmutableArray<SecurityFinding>.Empty : [wrong]);
    }

    private static AdvisoryShelf Shelf(CliWorld world) => new(world.Home, null, () => ConfigOf(world).Security);

    /// <summary>What is wrong in the file is the doctor's to say, and the configuration's own verbs'.</summary>
    private static HelixConfig ConfigOf(CliWorld world) => ConfigFile.Load(world.Home.Config) is ConfigOutcome.Good(var config, _) ? config : HelixConfig.Default;
}
