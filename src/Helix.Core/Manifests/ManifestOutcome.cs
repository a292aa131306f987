using System.Collections.Immutable;
using Helix.Core.Configuration;

namespace Helix.Core.Manifests;

/// <summary>What came of reading a manifest.</summary>
internal abstract record ManifestOutcome
{
    private ManifestOutcome() { }

    internal sealed record Good(Manifest Manifest) : ManifestOutcome;

    /// <param name="Errors">All of them, in the order of their lines; never empty.</param>
    internal sealed record Bad(ImmutableArray<ConfigError> Errors) : ManifestOutcome;
}
