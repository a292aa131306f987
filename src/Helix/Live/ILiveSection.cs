using Helix.Core.Live;

namespace Helix.Live;

/// <summary>A part of what open dashboards are shown: values by key. It is read only while somebody looks, and never twice at the same time.</summary>
internal interface ILiveSection
{
    /// <summary>By which the page knows it.</summary>
    string Name { get; }

    /// <summary>Seconds from one reading to the next.</summary>
    int Every { get; }

    /// <summary>It is read at each change of the fleet besides.</summary>
    bool FollowsFleet => false;

    /// <summary>Adds all that there is at this moment. What has to be waited for keeps nobody else waiting.</summary>
    ValueTask ReadAsync(LiveReading reading, CancellationToken cancellationToken);
}
