using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Helix.Core.Configuration;
using Helix.Core.Manifests;

namespace Helix.Tests.Manifests;

/// <summary>Writes the parser's own table as a JSON Schema.</summary>
internal static class SchemaText
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write()
    {
        var schema = Section(ManifestShape.Fields);
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "A provider of helix");
        schema.Insert(2, "description", "What helix knows of an engine. Written from the parser's own table by the tests; see docs/PROVIDERS.md.");
        return schema.ToJsonString(s_indented) + "\n";
    }

    private static JsonObject Section(IReadOnlyCollection<Field> fields) => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["required"] = new JsonArray([.. fields.Where(field => field.Required).Select(field => (JsonNode)field.Name)]),
        ["properties"] = new JsonObject(fields.Select(field => KeyValuePair.Create<string, JsonNode?>(field.Name, Property(field)))),
    };

    private static JsonObject Property(Field field)
    {
        var property = Of(field.Shape);
        property.Insert(0, "description", field.Meaning);
        return property;
    }

    private static JsonObject Of(Shape shape) => shape switch
    {
        Shape.Value(SettingKind.Choice(var values)) => new() { ["enum"] = Texts(values) },
        Shape.Value(SettingKind.Whole(var least, var most, _)) => new() { ["type"] = "integer", ["minimum"] = least, ["maximum"] = most },
        Shape.Value(SettingKind.Toggle) => new() { ["type"] = "boolean" },
        Shape.Value(SettingKind.Text) => new() { ["type"] = "string", ["minLength"] = 1 },
        Shape.Words(var words) => new() { ["type"] = "array", ["minItems"] = 1, ["uniqueItems"] = true, ["items"] = new JsonObject { ["enum"] = Texts(words) } },
        Shape.Lines => new() { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } },
        Shape.Section(var fields) => Section(fields),
        Shape.Rows(var fields) => new() { ["type"] = "array", ["minItems"] = 1, ["items"] = Section(fields) },
        _ => throw new InvalidOperationException($"a schema for {shape} is not written yet"),
    };

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
