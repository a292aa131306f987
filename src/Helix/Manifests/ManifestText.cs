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
                YamlNode.Map map => ManifestParser.Parse(YamlDocument.Of(map)),
                null => new ManifestOutcome.Bad([new("", null, "the file is empty; a manifest begins with \"id:\"")]),
                var other => new ManifestOutcome.Bad([new("", other.Line, "a manifest is keys with values, and begins with \"id:\"")]),
            };
        }
        catch (YamlRefusedException refused)
        {
            return new ManifestOutcome.Bad([refused.Error]);
        }
    }
}
