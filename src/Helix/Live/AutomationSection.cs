using Helix.Contracts;
using Helix.Core.Live;

namespace Helix.Live;

/// <summary>What helix does by itself.</summary>
/// <param name="canRun">Whether one can be begun by hand.</param>
internal sealed class AutomationSection(Func<Task<IReadOnlyList<AutomationReport>>> all, Func<string, bool> canRun) : ILiveSection
{
    public const string Called = "automations";

    public string Name => Called;

    /// <summary>When it is due next depends on the time; for all else it is rung as well.</summary>
    public int Every => 10;

    /// <summary>How many engines are well is told of one of them.</summary>
    public bool FollowsFleet => true;

    public async ValueTask ReadAsync(LiveReading reading, CancellationToken cancellationToken)
    {
        var order = 0;
        foreach (var each in await all())
            reading.Add(each.Id, new LiveAutomation(each.Id, order++, each.Does, each.On, each.Every, each.Setting, each.Last, each.Next, each.Result, canRun(each.Id)), LiveJson.Default.LiveAutomation);
    }
}
