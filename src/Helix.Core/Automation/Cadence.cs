namespace Helix.Core.Automation;

/// <summary>How often what helix does by itself is done.</summary>
internal static class Cadence
{
    public static readonly TimeSpan Tuning = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan Updates = TimeSpan.FromHours(1);
    public static readonly TimeSpan Security = TimeSpan.FromMinutes(10);
    public static readonly TimeSpan Backup = TimeSpan.FromDays(1);
    public static readonly TimeSpan Cleanup = TimeSpan.FromDays(1);
}
