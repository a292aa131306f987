using Helix.Contracts;
using Helix.Core.Cli;
using Helix.Core.Fleet;
using Helix.Core.Manifests;

namespace Helix.Cli;

/// <summary>Shows providers to a person.</summary>
internal static class ProviderListing
{
    /// <summary>All of them, each group under its heading.</summary>
    public static void WriteGrouped(Terminal terminal, IReadOnlyList<ProviderReport> providers)
    {
        // one layout for all groups, so that the columns stand below each other
        var isTold = providers.Any(provider => provider.Verified.Length > 0);
        var lines = Columns.Layout(
            ["PROVIDER", "NAME", "DESCRIPTION", .. isTold ? ["VERIFIED"] : Array.Empty<string>(), "STATE", "REASON"],
            [.. providers.Select(provider => (string[])[provider.Id, provider.Name, provider.Description, .. isTold ? [provider.Verified] : Array.Empty<string>(), Word(provider), provider.Reason])],
            (cell, _) => terminal.Tint(cell)).Split('\n');
        terminal.Out.WriteLine(lines[0]);
        for (var i = 0; i < providers.Count; i++)
        {
            if (i == 0 || providers[i].Category != providers[i - 1].Category) terminal.Out.WriteLine($"\n{Manifest.Heading(providers[i].Category)}");
            terminal.Out.WriteLine(lines[i + 1]);
        }
    }

    /// <summary>Those that run or should run, with all that is known of them, and how many others there are.</summary>
    public static void WriteRun(Terminal terminal, IReadOnlyList<ProviderReport> providers)
    {
        var run = providers.Where(provider => provider.State is not (ProviderState.Unsupported or ProviderState.Available)).ToArray();
        WriteTable(terminal, run);
        if (providers.Count > run.Length) terminal.Out.WriteLine($"{providers.Count - run.Length} more: helix local-llm list");
    }

    /// <summary>With all that is known of them.</summary>
    public static void WriteTable(Terminal terminal, IEnumerable<ProviderReport> providers) => terminal.WriteTable(
        ["PROVIDER", "STATE", "PID", "MODEL", "RELEASE", "REASON"],
        providers.Select(provider => new[] { provider.Id, Word(provider), $"{provider.Pid}", provider.Model ?? "", provider.Release ?? "", provider.Reason }));

    /// <summary>The state as JSON writes it.</summary>
    public static string Word(ProviderReport provider) => provider.State.ToString().ToLowerInvariant();
}
