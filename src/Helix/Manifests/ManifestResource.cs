using System.Collections.Immutable;
using Helix.Core.Manifests;

namespace Helix.Manifests;

/// <summary>The manifests that are built into helix.</summary>
internal static class ManifestResource
{
    private const string Folder = "providers/";

    private static readonly Lazy<IReadOnlyList<Manifest>> s_all = new(Load);

    /// <summary>Read at the first use, and kept.</summary>
    /// <exception cref="InvalidOperationException">A manifest in this build is broken; a test keeps that from being shipped.</exception>
    public static IReadOnlyList<Manifest> All => s_all.Value;

    private static readonly Lazy<ImmutableDictionary<string, ProviderRuns>> s_runs = new(() => RecordedRuns.Read(TextOf("provider-runs.json")));

    /// <summary>What the tests drove each provider against.</summary>
    public static ImmutableDictionary<string, ProviderRuns> Runs => s_runs.Value;

    private static string TextOf(string name)
    {
        using var reader = new StreamReader(typeof(ManifestResource).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    private static Manifest[] Load()
    {
        var assembly = typeof(ManifestResource).Assembly;
        return [.. assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(Read)];

        Manifest Read(string name)
        {
            return ManifestText.Parse(TextOf(name)) switch
            {
                ManifestOutcome.Good(var manifest) => manifest,
                ManifestOutcome.Bad(var errors) => throw new InvalidOperationException($"{name}: {string.Join("; ", errors)}"),
                _ => throw new InvalidOperationException("an outcome is either good or bad"),
            };
        }
    }
}
