using System.Text.Json.Serialization;

namespace Helix.Core.History;

/// <summary>One thing that helix saw, decided or did.</summary>
/// <param name="Provider">Whose it is; null where it is of the whole.</param>
/// <param name="Subject">What in particular: an instance, a release, a model, a file.</param>
/// <param name="What">A stable word for programs: <c>ready</c>, <c>restart</c>, <c>rolled_back</c>.</param>
/// <param name="Words">The same for a person, with its cause.</param>
internal sealed record HistoryEvent(DateTimeOffset At, HistoryKind Kind, Severity Severity, string? Provider, string? Subject, string What, string Words)
{
    /// <summary>Grows with every event; 0 before it was kept.</summary>
    public long Id { get; init; }

    /// <summary>What a program needs of it beyond the words, as a JSON object; null for nothing.</summary>
    public string? Data { get; init; }
}

/// <summary>Which part of helix tells of it. The wire names are part of the stable contract of <c>--format json</c>.</summary>
internal enum HistoryKind
{
    /// <summary>An instance came to another state.</summary>
    [JsonStringEnumMemberName("state")] State,

    /// <summary>Something went wrong and was, or is being, mended.</summary>
    [JsonStringEnumMemberName("healing")] Healing,

    /// <summary>What somebody should know of, whoever found it.</summary>
    [JsonStringEnumMemberName("alert")] Alert,
    [JsonStringEnumMemberName("install")] Install,
    [JsonStringEnumMemberName("update")] Update,
    [JsonStringEnumMemberName("tuning")] Tuning,
    [JsonStringEnumMemberName("demand")] Demand,
    [JsonStringEnumMemberName("security")] Security,
    [JsonStringEnumMemberName("backup")] Backup,
    [JsonStringEnumMemberName("cleanup")] Cleanup,

    /// <summary>helix itself: started, stopped, replaced.</summary>
    [JsonStringEnumMemberName("helix")] Self,
}

internal enum Severity
{
    [JsonStringEnumMemberName("info")] Info,
    [JsonStringEnumMemberName("warning")] Warning,
    [JsonStringEnumMemberName("error")] Error,
    [JsonStringEnumMemberName("critical")] Critical,
}
