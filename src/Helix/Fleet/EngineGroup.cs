using Helix.Core.Planning;
using Helix.Processes;

namespace Helix.Fleet;

/// <summary>An engine that is more than one process, as one command line of helix.</summary>
internal static class EngineGroup
{
    public const string Verb = "group";

    public static string[] Arguments(LaunchPlan plan, TimeSpan stop, params IReadOnlyList<GroupRelay> relays) =>
    [
        Verb,
        new GroupSpec(
            [.. plan.Before.Select(Words)],
            [.. plan.Processes.Select(line => new GroupProcess(Words(line), line.Ready, line.Port))],
            [.. plan.After.Select(Words)],
            stop.TotalSeconds) { Relays = relays }.Text,
    ];

    private static IReadOnlyList<string> Words(LaunchLine line) => [line.Program, .. line.Arguments];
}
