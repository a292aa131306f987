using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Helix.Configuration;
using Helix.Core.Configuration;
using Helix.Core.Hardware;

namespace Helix.Hardware;

/// <summary>Reads the description of a machine from its text: YAML, or JSON where it begins with a brace.</summary>
internal static class MachineFileText
{
    public static (MachineFile? File, ImmutableArray<ConfigError> Errors) Parse(string text)
    {
        try
        {
            text = text.TrimStart('\uFEFF');
            if (text.TrimStart().StartsWith('{')) return MachineFile.Parse(new((JsonObject)JsonNode.Parse(text, documentOptions: new() { MaxDepth = 8, AllowDuplicateProperties = false })!, ImmutableDictionary<string, int>.Empty));
            return MachineFile.Parse(YamlDocument.Of(text));
        }
        catch (YamlRefusedException refused)
        {
            return (null, [refused.Error]);
        }
        catch (JsonException broken)
        {
            return (null, [new("", (int?)broken.LineNumber + 1, broken.Message)]);
        }
        catch (InvalidOperationException)
        {
            return (null, [new("", null, "contains half of a character (a lone surrogate such as \\ud800)")]);
        }
    }
}
