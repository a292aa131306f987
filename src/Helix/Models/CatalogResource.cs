using Helix.Configuration;
using Helix.Core.Models;

namespace Helix.Models;

/// <summary>The catalogue that is built into helix.</summary>
internal static class CatalogResource
{
    private const string Name = "models/catalog.yaml";

    /// <exception cref="InvalidOperationException">The catalogue in this build is broken; a test keeps that from being shipped.</exception>
    public static ModelCatalog Load()
    {
        using var stream = typeof(CatalogResource).Assembly.GetManifestResourceStream(Name) ?? throw new InvalidOperationException($"{Name} is not in this build");
        using var reader = new StreamReader(stream);
        var (catalog, errors) = ModelCatalog.Parse(YamlDocument.Of(reader.ReadToEnd()).Values);
        return catalog ?? throw new InvalidOperationException($"{Name}: {string.Join("; ", errors)}");
    }
}
