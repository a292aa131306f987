namespace Helix.Core.Manifests;

/// <summary>How long an engine may stay at each step of its start, with a model of no size.</summary>
/// <param name="Listen">Until it takes connections.</param>
/// <param name="Ready">From there until it says that it is ready.</param>
/// <param name="Identity">From there until it names its model.</param>
/// <param name="Canary">From there until it has answered with one token.</param>
internal sealed record StepPatience(TimeSpan Listen, TimeSpan Ready, TimeSpan Identity, TimeSpan Canary)
{
    public static readonly TimeSpan UsualCanary = TimeSpan.FromSeconds(60);

    /// <summary>Large files take long to read: one second more per 50 MB.</summary>
    private const long BytesPerSecond = 50_000_000;

    /// <summary>Where nothing is known of the steps, each may take as long as the whole start.</summary>
    public static StepPatience Within(TimeSpan start) => new(start, start, start, start);

    /// <summary>For a model of this size: an engine may read it at any of the steps.</summary>
    public StepPatience For(long modelBytes)
    {
        var more = Reading(modelBytes);
        return new(Listen + more, Ready + more, Identity + more, Canary + more);
    }

    /// <summary>The time that reading a model takes.</summary>
    public static TimeSpan Reading(long modelBytes) => TimeSpan.FromSeconds(modelBytes / BytesPerSecond);
}
