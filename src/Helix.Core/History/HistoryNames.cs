using System.Collections.Immutable;

namespace Helix.Core.History;

/// <summary>Kinds and severities as they are typed and shown.</summary>
internal static class HistoryNames
{
    public static ImmutableArray<string> Kinds { get; } = [.. Enum.GetValues<HistoryKind>().Select(Word)];

    public static ImmutableArray<string> Severities { get; } = [.. Enum.GetValues<Severity>().Select(Word)];

    public static string Word(this HistoryKind kind) => kind == HistoryKind.Self ? "helix" : kind.ToString().ToLowerInvariant();

    public static string Word(this Severity severity) => severity.ToString().ToLowerInvariant();

    /// <returns>Null where there is none of that name.</returns>
    public static HistoryKind? Kind(string word) => Kinds.IndexOf(word) is >= 0 and var index ? (HistoryKind)index : null;

    /// <returns>Null where there is none of that name.</returns>
    public static Severity? Severity(string word) => Severities.IndexOf(word) is >= 0 and var index ? (Severity)index : null;
}
