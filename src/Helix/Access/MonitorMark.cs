namespace Helix.Access;

/// <summary>A feature of requests that came in on the dashboard's own listener.</summary>
internal sealed class MonitorMark
{
    public static MonitorMark Instance { get; } = new();
}
