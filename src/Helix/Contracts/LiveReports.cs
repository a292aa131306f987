using System.Text.Json.Serialization;
using Helix.Core.Fleet;
using Helix.Core.History;

namespace Helix.Contracts;

/// <summary>What <c>GET /helix/v1/live</c> tells of this daemon.</summary>
/// <param name="MonitorAddress">Of the dashboard's own listener; null where there is none.</param>
/// <param name="UptimeTarget">From 0 to 1: what the whole, and each provider, is held to over 30 days.</param>
/// <param name="Aliases">Names that the configuration gives to models.</param>
internal sealed record LiveHelix(
    string Version, string? Release, string Address, string? MonitorAddress, int Pid, DateTimeOffset Started, string? Sandbox, IReadOnlyList<string> Notes, double UptimeTarget,
    IReadOnlyList<string> Aliases);

/// <param name="Order">In which they are shown.</param>
/// <param name="Previous">The release that a rollback would bring back; null for none.</param>
/// <param name="Terms">Address of terms that have to be accepted first; null for none.</param>
/// <param name="DiskBytes">That its releases take; null where none is installed, or it is not helix's to install.</param>
/// <param name="Progress">How far what is being fetched for it has come, from 0 to 1; null where nothing is, or nobody knows.</param>
/// <param name="Actions">What makes sense now: start, stop, install, update, rollback, remove, logs, open.</param>
internal sealed record LiveProvider(
    string Id, string Name, int Order, string Category, string Description, ProviderState State, string Reason, DateTimeOffset Since, int? Pid, string? Model, string? Release, string? Previous, string Verified,
    bool Attached, bool Cloud, string? Terms, long? DiskBytes, double? Progress, IReadOnlyList<string> Actions);

/// <param name="ReservedGpuBytes">That the plan gave it of the GPUs' memory.</param>
/// <param name="Health">The four steps, in their order.</param>
internal sealed record LiveInstance(
    string Name, string Provider, string Model, ProviderState State, string Reason, string? Remedy, int? Pid, int Restarts, DateTimeOffset Since, string? Fault, DateTimeOffset? NextStart,
    double? TookToStartMs, double? TookToRecoverMs, long ReservedBytes, long ReservedGpuBytes, long? MeasuredBytes, IReadOnlyList<LiveHealthStep> Health);

/// <param name="State">ok, bad, waiting or unknown.</param>
internal sealed record LiveHealthStep(string Step, string State);

/// <param name="State">ready, asleep, coming, failed or off.</param>
/// <param name="Origin">own, attached, remote or cloud.</param>
/// <param name="Providers">That can serve it, the one that does first.</param>
/// <param name="Running">Requests that engines work on.</param>
/// <param name="Waiting">Requests that wait for a place.</param>
internal sealed record LiveModel(
    string Id, int Order, string State, string? Detail, IReadOnlyList<string> Abilities, int ContextTokens, bool SelfTest, string Origin, IReadOnlyList<string> Providers, int Running, int Waiting);

/// <param name="Cpu">Cores in use; null where the system does not tell.</param>
/// <param name="Requests">Since the daemon began; so are the faults.</param>
/// <param name="TokensPerSecond">That clients were sent since the last reading.</param>
internal sealed record LiveFigures(double? Cpu, long? MemoryBytes, int InFlight, long Requests, long Faults, double? TokensPerSecond);

/// <param name="Busy">Share of all cores; null where the system does not tell.</param>
internal sealed record LiveProcessors(int Cores, double? Busy);

internal sealed record LiveMemory(long TotalBytes, long? AvailableBytes);

/// <param name="BudgetBytes">That engines may take together.</param>
/// <param name="ReservedBytes">That was promised to those that run.</param>
/// <param name="MeasuredBytes">That they were seen to take.</param>
internal sealed record LiveLedger(long BudgetBytes, long ReservedBytes, long MeasuredBytes);

/// <param name="Low">So little is free that helix cleans up.</param>
internal sealed record LiveDisk(string Path, long? TotalBytes, long? FreeBytes, bool Low);

internal sealed record LiveGpus(IReadOnlyList<LiveGpu> Gpus);

/// <param name="Busy">From 0 to 1.</param>
internal sealed record LiveGpu(string Name, long? MemoryBytes, long? UsedBytes, double? Busy, double? Celsius, double? Watts);

/// <param name="Dashboards">That are open.</param>
internal sealed record LiveDaemon(double? Cpu, long MemoryBytes, int Dashboards);

internal sealed record LiveTraffic(int InFlight, long Requests, long Errors, double? RequestsPerSecond, double? TokensPerSecond);

internal sealed record LiveMinute(long Requests, long Failed, long Refused, long Left, long PromptTokens, long AnswerTokens, long CachedTokens);

/// <param name="Window">5m or 1h.</param>
/// <param name="FirstTokenMs">From a request to the first piece of its stream; null where none was seen.</param>
/// <param name="InterTokenMs">Between two pieces; null where none were seen.</param>
/// <param name="TokensPerSecond">Of streams that came to their end, from their first token on; null where none did.</param>
internal sealed record LivePerformance(string Window, string Provider, string Model, LiveLatency? FirstTokenMs, LiveLatency? InterTokenMs, LiveLatency? TokensPerSecond);

/// <summary>The streams of one minute, all together.</summary>
/// <param name="By">Those with the most of them, told apart.</param>
internal sealed record LivePerformanceMinute(LiveLatency? FirstTokenMs, LiveLatency? InterTokenMs, LiveLatency? TokensPerSecond, IReadOnlyList<LivePace> By);

/// <summary>As in <see cref="LivePerformance"/>.</summary>
internal sealed record LivePace(string Provider, string Model, LiveLatency? FirstTokenMs, LiveLatency? InterTokenMs, LiveLatency? TokensPerSecond);

/// <summary>What half, 95 and 99 of a hundred stay below; of a speed, what they reach.</summary>
internal sealed record LiveLatency(long Count, double P50, double P95, double P99);

/// <summary>The machine in one minute, on average. What was not measured is null.</summary>
/// <param name="Cpu">Share of all cores.</param>
/// <param name="MemoryBytes">In use.</param>
/// <param name="EnginesBytes">That engines were seen to take.</param>
/// <param name="DiskFreeBytes">Of the disk with helix's home.</param>
/// <param name="Gpus">In the order of the machine's; empty where they were not asked.</param>
internal sealed record LiveMachineMinute(double? Cpu, long? MemoryBytes, long? EnginesBytes, long? DiskFreeBytes, IReadOnlyList<LiveGpuMinute> Gpus);

/// <param name="Busy">From 0 to 1.</param>
internal sealed record LiveGpuMinute(double? Busy, long? UsedBytes);

/// <param name="CanRun">It can be begun by hand.</param>
internal sealed record LiveAutomation(
    string Id, int Order, string Does, bool On, string Every, string Setting, DateTimeOffset? Last, DateTimeOffset? Next, string? Result, bool CanRun);

internal sealed record LiveEvent(long Id, DateTimeOffset At, HistoryKind Kind, Severity Severity, string? Provider, string? Subject, string What, string Words);

/// <summary>First event of a stream of log lines.</summary>
/// <param name="Files">That are followed, without their extension.</param>
internal sealed record LogBegin(IReadOnlyList<string> Files);

internal sealed record LogLines(string File, IReadOnlyList<string> Lines);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(LiveHelix))]
[JsonSerializable(typeof(LiveProvider))]
[JsonSerializable(typeof(LiveInstance))]
[JsonSerializable(typeof(LiveModel))]
[JsonSerializable(typeof(LiveFigures))]
[JsonSerializable(typeof(LiveProcessors))]
[JsonSerializable(typeof(LiveMemory))]
[JsonSerializable(typeof(LiveLedger))]
[JsonSerializable(typeof(LiveDisk))]
[JsonSerializable(typeof(LiveGpus))]
[JsonSerializable(typeof(LiveDaemon))]
[JsonSerializable(typeof(LiveTraffic))]
[JsonSerializable(typeof(LiveMinute))]
[JsonSerializable(typeof(LivePerformance))]
[JsonSerializable(typeof(LivePerformanceMinute))]
[JsonSerializable(typeof(LiveMachineMinute))]
[JsonSerializable(typeof(LiveAutomation))]
[JsonSerializable(typeof(LiveEvent))]
[JsonSerializable(typeof(LogBegin))]
[JsonSerializable(typeof(LogLines))]
internal sealed partial class LiveJson : JsonSerializerContext;
