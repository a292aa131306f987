using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Helix.Core.Configuration;

/// <summary>What differs between two configurations.</summary>
internal static class ConfigChanges
{
    public static ImmutableArray<Setting> Between(HelixConfig before, HelixConfig after) =>
        [.. SettingsTable.All.Where(setting => !JsonNode.DeepEquals(setting.Read(before), setting.Read(after)))];

    /// <summary>What a user should know of a change; null when it is simply done.</summary>
    public static string? Note(Setting setting) => setting.Effect switch
    {
        TakesEffect.NextStart => $"{setting.Path} takes effect at the next start: helix stop, then helix start",
        TakesEffect.NotYet => $"{setting.Path} has no effect yet: what it steers is not built",
        _ => null,
    };
}
