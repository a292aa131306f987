using System.Collections.Immutable;
using Helix.Core.Configuration;

namespace Helix.Core.Manifests;

/// <summary>Compares <c>providers.enabled</c> with the providers there are.</summary>
internal static class EnabledProviders
{
    public const string Setting = "providers.enabled";

    /// <summary>What to say of each id that no manifest has.</summary>
    public static ImmutableArray<string> Unknown(ProvidersConfig config, IReadOnlyCollection<string> known) =>
    [
        .. (config.Enabled ?? []).Where(id => !known.Contains(id, StringComparer.Ordinal))
            .Select(id => $"there is no provider \"{id}\"; " + (Nearest.To(id, known) is { } near ? $"did you mean {near}?" : $"there are: {string.Join(", ", known)}")),
    ];
}
