using Helix.Core.Configuration;

namespace Helix.Core.Manifests;

/// <summary>The only way from what was written to a <see cref="Manifest"/>: every key and value is known, or refused with its path and line.</summary>
internal static class ManifestParser
{
    public static ManifestOutcome Parse(ConfigDocument document)
    {
        var errors = ShapeCheck.Of(ManifestShape.Fields, document);
        if (errors.Count == 0) errors.AddRange(ManifestRules.Broken(document.Values).Select(broken => ShapeCheck.Error(document, broken.Path, broken.What)));
        return errors.Count == 0
            ? new ManifestOutcome.Good(ManifestReading.Of(document.Values))
            : new ManifestOutcome.Bad([.. errors.OrderBy(error => error.Line ?? 0)]);
    }
}
