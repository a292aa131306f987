using Helix.Contracts;
using Helix.Core.History;
using Helix.Core.Live;
using Helix.Daemon;

namespace Helix.Live;

/// <summary>This daemon itself, and the sentences that its user should see now.</summary>
/// <param name="monitor">Address of the dashboard's own listener; null where there is none.</param>
internal sealed class HelixSection(DaemonFacts facts, Func<string?> monitor) : ILiveSection
{
    public string Name => "helix";

    public int Every => 5;

    public ValueTask ReadAsync(LiveReading reading, CancellationToken cancellationToken)
    {
        reading.Add(
            "self",
            new LiveHelix(facts.Version, facts.Release, facts.Address, monitor(), Environment.ProcessId, facts.Started, facts.Sandbox(), [.. facts.Notes().Select(note => note.Words)], UptimeMeter.Target, facts.Aliases()),
            LiveJson.Default.LiveHelix);
        return ValueTask.CompletedTask;
    }
}
