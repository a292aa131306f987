using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.Manifests;
using Helix.Hardware;
using Helix.Storage;

namespace Helix.Manifests;

/// <summary>Looks whether a configuration names what there is: providers, and a machine file.</summary>
internal static class NamedThings
{
    private const string Override = "hardware.override";

    public static ImmutableArray<ConfigError> Errors(HelixConfig config, HelixHome home)
    {
        var errors = ImmutableArray.CreateBuilder<ConfigError>();
        // without the setting there is nothing to look up, and nothing to read
        if (config.Providers.Enabled is not null)
            errors.AddRange(EnabledProviders.Unknown(config.Providers, [.. new ManifestShelf(home).Current.Manifests.Select(manifest => manifest.Id)]).Select(what => new ConfigError(EnabledProviders.Setting, null, what)));
        if (config.Hardware.Override is { } path && HardwareOverride.Read(path).Why is { } why)
            errors.Add(new ConfigError(Override, null, $"{path} cannot be used: {why}"));
        return errors.ToImmutable();
    }
}
