using System.Globalization;
using Helix.Contracts;
using Helix.Core.History;
using Helix.Core.Live;
using Helix.Storage;

namespace Helix.Live;

/// <summary>What helix saw, decided and did last.</summary>
internal sealed class EventSection(HistoryTable history) : ILiveSection
{
    public const string Called = "events";

    private const int Shown = 50;

    public string Name => Called;

    /// <summary>It is rung for as well.</summary>
    public int Every => 60;

    public async ValueTask ReadAsync(LiveReading reading, CancellationToken cancellationToken)
    {
        foreach (var each in await NewestAsync(history, new(Most: Shown)))
            reading.Add(each.Id.ToString(CultureInfo.InvariantCulture), new LiveEvent(each.Id, each.At, each.Kind, each.Severity, each.Provider, each.Subject, each.What, each.Words), LiveJson.Default.LiveEvent);
    }

    /// <exception cref="IOException">They cannot be read.</exception>
    private static async Task<List<HistoryEvent>> NewestAsync(HistoryTable history, HistoryFilter filter) => await history.ReadAsync(filter) switch
    {
        Stored<List<HistoryEvent>>.Ok(var events) => events,
        Stored<List<HistoryEvent>>.Failed(_, var reason, var remedy) => throw new IOException($"{reason}. {remedy}"),
        _ => throw new InvalidOperationException("what is stored is read or not"),
    };
}
