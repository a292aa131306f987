using Helix.Configuration;
using Helix.Core.Clouds;

namespace Helix.Clouds;

/// <summary>The prices that are built into helix.</summary>
internal static class CloudPriceResource
{
    private const string Name = "models/cloud-prices.yaml";

    /// <exception cref="InvalidOperationException">The list in this build is broken; a test keeps that from being shipped.</exception>
    public static CloudPrices Load()
    {
        using var stream = typeof(CloudPriceResource).Assembly.GetManifestResourceStream(Name) ?? throw new InvalidOperationException($"{Name} is not in this build");
        using var reader = new StreamReader(stream);
        var (prices, errors) = CloudPrices.Parse(YamlDocument.Of(reader.ReadToEnd()).Values);
        return prices ?? throw new InvalidOperationException($"{Name}: {string.Join("; ", errors)}");
    }
}
