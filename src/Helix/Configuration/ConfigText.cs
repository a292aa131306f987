using Helix.Core.Configuration;

namespace Helix.Configuration;

/// <summary>Reads a configuration from its text.</summary>
internal static class ConfigText
{
    public static ConfigOutcome Parse(string text)
    {
        try
        {
            return ConfigParser.Parse(YamlDocument.Of(text.TrimStart('\uFEFF')));
        }
        catch (YamlRefusedException refused)
        {
            return new ConfigOutcome.Bad([refused.Error]);
        }
    }
}
