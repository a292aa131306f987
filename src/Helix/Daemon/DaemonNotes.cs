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

/// <summary>What a user should see beside the state of things, each with what to do about it.</summary>
internal static class DaemonNotes
{
    private const string Bring = "helix models pull NAME-or-URL, or helix models add PATH";

    public static IReadOnlyList<DaemonNote> Of(IConfigView config, Database database, ModelLibrary library, ModelArrival arrival, VariantArrival variants, ManifestSet manifests, ForeignWatch foreign, HardwareOverride hardware, EngineSandbox sandbox, MonitorDoor monitor) =>
    [
        .. config.Problems.Select(problem => new DaemonNote($"the configuration was not taken, the one before holds: {problem}", "mend the file, which is then taken by itself; to look at it: helix config validate")),
        .. EnabledProviders.Unknown(config.Current.Providers, [.. manifests.Manifests.Select(manifest => manifest.Id)]).Select(what => new DaemonNote($"{EnabledProviders.Setting}: {what}", $"helix config set {EnabledProviders.Setting} ID,ID")),
        .. manifests.Problems.Select(problem => new DaemonNote(problem, "mend the file, or take it away")),
        .. library.Current.Problems.Select(problem => new DaemonNote($"{problem.File}: {problem.Reason}", problem.Remedy) { Words = $"{problem.File}: {problem.Reason}; {problem.Remedy}" }),
        .. Told(database.Notice, database.IsKept ? "keys are made anew with: helix keys create NAME; a backup may have the old ones: helix backup list" : "look who may write there, and at the room on the disk; then: helix restart"),
        .. Told(hardware.Note, "to plan for this machine as it is: helix config unset hardware.override"),
        .. Told(foreign.Note, "helix models import"),
        .. Told(sandbox.Note, "helix doctor"),
        .. Told(monitor.Note, "another port: helix config set gateway.monitor_port PORT; none: helix config unset gateway.monitor_port"),
        .. Arrival(arrival.Current),
        .. Told(variants.Current.Note, "helix tries it again by itself; to compute on the processor alone: helix config set builtin.device cpu"),
    ];

    private static DaemonNote[] Told(string? what, string remedy) => what is null ? [] : [new(what, remedy)];

    private static DaemonNote[] Arrival(ModelArrivalState state) => state switch
    {
        ModelArrivalState.Failed(var reason, var remedy, var next) =>
            [new($"no chat model could be fetched: {reason} (next try at {next:HH:mm} UTC)", remedy) { Words = $"no chat model could be fetched: {reason}; {remedy} (next try at {next:HH:mm} UTC)" }],
        ModelArrivalState.None(var reason, true) => Told(reason, Bring),
        _ => Told(state.Progress, "it goes on by itself; how far it is: helix status"),
    };
}
