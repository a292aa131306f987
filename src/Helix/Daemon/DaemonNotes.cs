using Helix.Configuration;
using Helix.Core.Manifests;
using Helix.Dashboard;
using Helix.Hardware;
using Helix.Manifests;
using Helix.Models;
using Helix.Sandbox;
using Helix.Storage;
using Helix.Variants;

namespace Helix.Daemon;

/// <summary>The sentences that a user should see beside the state of things.</summary>
internal static class DaemonNotes
{
    public static IReadOnlyList<string> Of(IConfigView config, Database database, ModelLibrary library, ModelArrival arrival, VariantArrival variants, ManifestSet manifests, ForeignWatch foreign, HardwareOverride hardware, EngineSandbox sandbox, MonitorDoor monitor) =>
    [
        .. config.Problems.Select(problem => $"the configuration was not taken, the one before holds: {problem}"),
        .. EnabledProviders.Unknown(config.Current.Providers, [.. manifests.Manifests.Select(manifest => manifest.Id)]).Select(what => $"{EnabledProviders.Setting}: {what}"),
        .. manifests.Problems,
        .. library.Current.Problems.Select(problem => $"{problem.File}: {problem.Reason}; {problem.Remedy}"),
        .. new[] { database.Notice, hardware.Note, foreign.Note, sandbox.Note, monitor.Note, Arrival(arrival.Current), variants.Current.Note }.OfType<string>(),
    ];

    private static string? Arrival(ModelArrivalState state) => state switch
    {
        ModelArrivalState.Failed(var reason, var remedy, var next) => $"no chat model could be fetched: {reason}; {remedy} (next try at {next:HH:mm} UTC)",
        ModelArrivalState.None(var reason, true) => reason,
        _ => state.Progress,
    };
}
