using Helix.Configuration;
using Helix.Core.Manifests;

namespace Helix.Manifests;

/// <summary>Reads a manifest from its text.</summary>
internal static class ManifestText
{
    public static ManifestOutcome Parse(string text)
    {
        try
        {
            return YamlReader.Read(text.TrimStart('\uFEFF')) switch
            {
                YamlNode.Map map => With(text, ManifestParser.Parse(YamlDocument.Of(map))),
                null => new ManifestOutcome.Bad([new("", null, "the file is empty; a manifest begins with \"id:\"")]),
                var other => new ManifestOutcome.Bad([new("", other.Line, "a manifest is keys with values, and begins with \"id:\"")]),
            };
        }
        catch (YamlRefusedException refused)
        {
            return new ManifestOutcome.Bad([refused.Error]);
        }
    }

    private static ManifestOutcome With(string text, ManifestOutcome outcome) => outcome is ManifestOutcome.Good(var manifest) ? new ManifestOutcome.Good(manifest with { Text = text }) : outcome;
}
