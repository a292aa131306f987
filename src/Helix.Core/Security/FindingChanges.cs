using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Helix.Core.History;

namespace Helix.Core.Security;

/// <summary>What a look tells beside what was known already: each matter once, when it comes and when it goes.</summary>
internal static class FindingChanges
{
    public const string Cleared = "cleared";

    /// <summary>Keys of what is told beside the words, for whoever raises an alert by it.</summary>
    public const string FindingKey = "finding", WhatKey = "what", DoneKey = "done", LeftKey = "left";

    private static readonly ImmutableHashSet<string> s_compared = [FindingNames.ReleaseChanged, FindingNames.AdvisoriesRefused];
    private static readonly ImmutableHashSet<string> s_ofEngines = [FindingNames.EngineListens, FindingNames.ForeignProcess, FindingNames.SandboxLost];

    /// <param name="known">Keys of what was open before.</param>
    /// <param name="findings">What is open now, with what helix did about it.</param>
    /// <param name="unseen">Keys of which this look can say nothing: they did not go because they were not found.</param>
    public static ImmutableArray<HistoryEvent> Of(ImmutableHashSet<string> known, ImmutableArray<SecurityFinding> findings, ImmutableHashSet<string> unseen, DateTimeOffset now) =>
    [
        .. findings.Where(finding => finding.Done is not null || !known.Contains(finding.Key)).SelectMany(finding => Events(finding, now)),
        .. known.Except(findings.Select(finding => finding.Key)).Except(unseen).Order(StringComparer.Ordinal)
            .Select(key => key.Split(' ', 2)).Select(parts => new HistoryEvent(now, HistoryKind.Security, Severity.Info, null, parts[^1], Cleared, $"{parts[0]}: {parts[^1]} is as it should be again")
            {
                Data = new JsonObject { [FindingKey] = parts[0] }.ToJsonString(),
            }),
    ];

    /// <summary>What stays open: what helix mended does not.</summary>
    public static ImmutableHashSet<string> Open(ImmutableArray<SecurityFinding> findings) => [.. findings.Where(finding => finding.Done is null).Select(finding => finding.Key)];

    /// <summary>Of what was open before, that of which a look can say nothing.</summary>
    /// <param name="compared">The files of releases were compared, and a list was asked for, by this daemon.</param>
    /// <param name="judged">Engines were judged in this look.</param>
    public static ImmutableHashSet<string> Unseen(ImmutableHashSet<string> known, bool compared, bool judged) =>
        [.. known.Where(key => key.Split(' ', 2)[0] is var name && ((!compared && s_compared.Contains(name)) || (!judged && s_ofEngines.Contains(name))))];

    /// <summary>In the history of security, and where it is more than a remark among the alerts.</summary>
    public static IEnumerable<HistoryEvent> Events(SecurityFinding finding, DateTimeOffset now)
    {
        yield return new(now, HistoryKind.Security, finding.Severity, finding.Provider, finding.Subject, finding.Name, finding.Words);
        if (finding.Severity >= Severity.Warning) yield return new(now, HistoryKind.Alert, finding.Severity, finding.Provider, finding.Subject, finding.Name, finding.Words) { Data = DataOf(finding) };
    }

    private static string DataOf(SecurityFinding finding)
    {
        var data = new JsonObject { [WhatKey] = $"{finding.What}: {finding.Why}" };
        if (finding.Done is { } done) data[DoneKey] = done;
        else data[LeftKey] = finding.Command is { } command ? $"{finding.Remedy}: {command}" : finding.Remedy;
        return data.ToJsonString();
    }
}
