using System.Collections.Immutable;

namespace Helix.Core.Alerts;

/// <summary>A figure that rules may compare with a limit.</summary>
/// <param name="Unit">As it stands behind the figure.</param>
/// <param name="Meaning">One sentence.</param>
internal sealed record AlertMeasure(string Name, string Unit, string Meaning)
{
    public const string FirstToken = "first_token_p95";
    public const string FailedPercent = "failed_percent";
    public const string Slowdown = "token_slowdown";
    public const string Waiting = "waiting_requests";
    public const string DiskFree = "disk_free_percent";
    public const string MemoryFree = "memory_free_percent";
    public const string EngineMemory = "engine_memory_percent";

    public static ImmutableArray<AlertMeasure> All { get; } =
    [
        new(FirstToken, "s", "Of a model at a provider: in 95 of 100 streams of the last five minutes the first token came within so many seconds; beyond 10 it is not told apart."),
        new(FailedPercent, "%", "Of a model: the share of requests of the last five minutes that failed, of those that were not refused."),
        new(Slowdown, "times", "Of a model at a provider: how many times longer a token took in the last five minutes than before, since helix began."),
        new(Waiting, "requests", "Of a model: requests that wait for a place before its engines."),
        new(DiskFree, "%", "What is free of the disk with helix's home."),
        new(MemoryFree, "%", "What is free of the machine's memory, or of the container's; on Linux."),
        new(EngineMemory, "%", "What engines were seen to take of the memory that they may use together."),
    ];

    public static ImmutableArray<string> Names { get; } = [.. All.Select(measure => measure.Name)];

    public static AlertMeasure Of(string name) => All.First(measure => measure.Name == name);
}

/// <summary>What is done again and again, whose absence rules may look for.</summary>
internal static class AlertSignal
{
    public const string Health = "health";
    public const string Updates = "updates";
    public const string Security = "security";
    public const string Backup = "backup";

    public static ImmutableArray<string> Names { get; } = [Health, Updates, Security, Backup];
}
