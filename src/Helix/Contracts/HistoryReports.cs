using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Helix.Core.History;

namespace Helix.Contracts;

/// <summary>Answer of <c>GET /helix/v1/history</c>: what happened, the oldest first.</summary>
internal sealed record HistoryList(IReadOnlyList<HistoryReport> Events);

/// <param name="Provider">Null where it is of the whole.</param>
/// <param name="Subject">What in particular: an instance, a release, a model, a file.</param>
/// <param name="What">A stable word.</param>
/// <param name="Words">The same for a person, with its cause.</param>
internal sealed record HistoryReport(long Id, DateTimeOffset At, HistoryKind Kind, Severity Severity, string? Provider, string? Subject, string What, string Words, JsonObject? Data);

/// <summary>Answer of <c>GET /helix/v1/uptime</c>: the whole first, then each provider that ran in the last 30 days.</summary>
internal sealed record UptimeList(IReadOnlyList<UptimeReport> Uptime);

/// <param name="Today">From 0 to 1, of the UTC day; null where nothing was to run.</param>
/// <param name="Month">The same of 30 days, today included.</param>
internal sealed record UptimeReport(string Id, double? Today, double? Month, double DownSecondsToday, double DownSecondsMonth, IReadOnlyList<UptimeDay> Days);

internal sealed record UptimeDay(DateOnly Day, double? Uptime);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(HistoryList))]
[JsonSerializable(typeof(HistoryReport))]
[JsonSerializable(typeof(UptimeList))]
[JsonSerializable(typeof(UptimeReport))]
internal sealed partial class HistoryJson : JsonSerializerContext;
