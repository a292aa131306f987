namespace Helix.Core.Screen;

/// <param name="Release">Empty where a program outside of the home runs.</param>
internal sealed record HelixLines(string Version, string Release, string Address, DateTimeOffset? Started, IReadOnlyList<string> Notes);

/// <summary>Of the machine. What nobody measures is null; bytes, and shares from 0 to 1.</summary>
/// <param name="DaemonCpu">Cores.</param>
internal sealed record MachineLines(
    double? Cores, double? Busy, double? Memory, double? MemoryFree, double? Budget, double? Reserved, double? Measured, double? Disk, double? DiskFree, bool IsDiskLow, double? DaemonCpu, double? DaemonMemory,
    IReadOnlyList<GpuLine> Gpus);

/// <param name="Busy">From 0 to 1.</param>
internal sealed record GpuLine(string Name, double? Memory, double? Used, double? Busy, double? Celsius, double? Watts);

/// <param name="Running">Requests that engines work on.</param>
/// <param name="Waiting">Requests that wait for a place.</param>
internal sealed record TrafficLines(double Running, double Waiting, double? Requests, double? Errors, double? RequestsPerSecond, double? TokensPerSecond);

/// <param name="Memory">Bytes.</param>
/// <param name="Cpu">Cores.</param>
/// <param name="Running">Requests that it works on.</param>
/// <param name="Month">Share of 30 days that it was up.</param>
/// <param name="Health">Its steps: ok, bad, waiting or unknown.</param>
/// <param name="Actions">What makes sense now.</param>
internal sealed record ProviderLine(
    string Id, int Order, string Name, string State, string Reason, DateTimeOffset? Since, double? Pid, string Model, string Release,
    double? Memory, double? Cpu, double? Running, double? Requests, double? Faults, double? TokensPerSecond, double? Month, IReadOnlyList<(string Step, string State)> Health, IReadOnlyList<string> Actions)
{
    /// <summary>Those that want somebody come first, those that only could be there last.</summary>
    public int Rank => State switch
    {
        "critical" => 0,
        "recovering" => 1,
        "degraded" => 2,
        "installing" => 3,
        "starting" => 4,
        "ready" => 5,
        "attached" => 6,
        "standby" => 7,
        "available" => 8,
        _ => 9,
    };

    /// <summary>It runs at this moment, so that it is up since it came to its state.</summary>
    public bool IsUp => State is "ready" or "degraded" or "attached";
}

internal sealed record PerformanceLine(string Provider, string Model, LatencyLine? First, LatencyLine? Next);

/// <summary>Milliseconds that half, 95 and 99 of a hundred stay below.</summary>
internal sealed record LatencyLine(double Half, double Most, double Slowest);

/// <param name="Left">What is left to do; empty for nothing.</param>
internal sealed record AlertLine(string Severity, string State, DateTimeOffset? Since, string About, string What, string Left)
{
    /// <summary>The worst that nobody has acknowledged come first.</summary>
    public int Weight => (State is "acknowledged" or "silenced" ? 0 : 10) + Severity switch { "critical" => 3, "error" => 2, "warning" => 1, _ => 0 };
}

internal sealed record AutomationLine(string Id, string Does, bool On, DateTimeOffset? Last, DateTimeOffset? Next, string Result);
