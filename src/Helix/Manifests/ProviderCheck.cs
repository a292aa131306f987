using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.Manifests;
using Helix.Storage;

namespace Helix.Manifests;

/// <summary>Looks whether a configuration names providers that there are.</summary>
internal static class ProviderCheck
{
    public static ImmutableArray<ConfigError> Errors(HelixConfig config, HelixHome home)
    {
        // without the setting there is nothing to look up, and nothing to read
        if (config.Providers.Enabled is null) return [];
        var known = new ManifestShelf(home).Current.Manifests.Select(manifest => manifest.Id).ToArray();
        return [.. EnabledProviders.Unknown(config.Providers, known).Select(what => new ConfigError(EnabledProviders.Setting, null, what))];
    }
}
