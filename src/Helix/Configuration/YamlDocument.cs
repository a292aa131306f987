using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Helix.Core.Configuration;

namespace Helix.Configuration;

/// <summary>Turns YAML into the JSON that the strict parser reads, with the line of each key.</summary>
internal static partial class YamlDocument
{
    /// <exception cref="YamlRefusedException">The text is no such YAML.</exception>
    public static ConfigDocument Of(string text) => Of(YamlReader.Read(text));

    /// <exception cref="YamlRefusedException">The document is no map.</exception>
    public static ConfigDocument Of(YamlNode? root)
    {
        if (root is null) return ConfigDocument.Empty;
        if (root is not YamlNode.Map map)
            throw new YamlRefusedException(new("", root.Line, "the file must hold sections, for example \"health:\" with \"  check_interval: 30\" below it"));

        var lines = ImmutableDictionary.CreateBuilder<string, int>();
        NoteLines(map, "");
        return new((JsonObject)ToJson(map)!, lines.ToImmutable());

        void NoteLines(YamlNode node, string path)
        {
            switch (node)
            {
                case YamlNode.Map(var entries, _, _, _, _):
                    foreach (var (key, value) in entries) Note(value, path.Length == 0 ? key.Value : $"{path}.{key.Value}", key.Line);
                    break;
                case YamlNode.List(var items, _, _, _, _):
                    for (var i = 0; i < items.Length; i++) Note(items[i], $"{path}[{i}]", items[i].Line);
                    break;
            }
        }

        void Note(YamlNode node, string path, int line)
        {
            lines[path] = line;
            NoteLines(node, path);
        }
    }

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlNode.Map map => new JsonObject(map.Entries.Select(entry => KeyValuePair.Create(entry.Key.Value, ToJson(entry.Value)))),
        YamlNode.List list => new JsonArray([.. list.Items.Select(ToJson)]),
        YamlNode.Scalar { Plain: true, Value: "" or "~" or "null" } => null,
        YamlNode.Scalar { Plain: true, Value: "true" } => true,
        YamlNode.Scalar { Plain: true, Value: "false" } => false,
        YamlNode.Scalar { Plain: true } number when IsNumber().IsMatch(number.Value) => JsonNode.Parse(number.Value),
        YamlNode.Scalar scalar => scalar.Value,
        _ => null,
    };

    /// <summary>A number as JSON writes it, of a length that no setting needs.</summary>
    public static bool IsPlainNumber(string text) => IsNumber().IsMatch(text);

    [GeneratedRegex(@"\A-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?([eE][-+]?[0-9]{1,2})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex IsNumber();
}
