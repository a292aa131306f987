using System.Collections.Immutable;

namespace Helix.Core.Alerts;

/// <summary>Types and states as they are typed and shown.</summary>
internal static class AlertNames
{
    public static ImmutableArray<string> Types { get; } = [.. Enum.GetValues<AlertType>().Select(Word)];

    public static ImmutableArray<string> States { get; } = [.. Enum.GetValues<AlertState>().Select(Word)];

    public static string Word(this AlertType type) => type.ToString().ToLowerInvariant();

    public static string Word(this AlertState state) => state.ToString().ToLowerInvariant();

    /// <returns>Null where there is none of that name.</returns>
    public static AlertType? Type(string word) => Types.IndexOf(word) is >= 0 and var index ? (AlertType)index : null;

    /// <returns>Null where there is none of that name.</returns>
    public static AlertState? State(string word) => States.IndexOf(word) is >= 0 and var index ? (AlertState)index : null;
}
