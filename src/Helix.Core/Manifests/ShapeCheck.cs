using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Helix.Core.Configuration;

namespace Helix.Core.Manifests;

/// <summary>Compares a document with a table of keys: every key and value is known, or refused with its path and line.</summary>
internal sealed class ShapeCheck
{
    private readonly ConfigDocument _document;
    private readonly List<ConfigError> _errors = [];

    private ShapeCheck(ConfigDocument document) => _document = document;

    /// <returns>All that is wrong; empty where nothing is.</returns>
    public static List<ConfigError> Of(ImmutableArray<Field> fields, ConfigDocument document)
    {
        var check = new ShapeCheck(document);
        check.CheckFields(fields, document.Values, "");
        return check._errors;
    }

    /// <param name="near">Where to look for what is not there; null for the path itself.</param>
    public static ConfigError Error(ConfigDocument document, string path, string what, string? near = null) =>
        new(path, document.Lines.TryGetValue(near ?? path, out var line) ? line : null, what);

    private void CheckFields(ImmutableArray<Field> fields, JsonObject values, string path)
    {
        foreach (var (key, value) in values)
        {
            var here = Join(path, key);
            if (fields.FirstOrDefault(field => field.Name == key) is not { } field) Refuse(here, Unknown(key, fields));
            else if (value is null) Refuse(here, "has no value; write one, or remove the line");
            else Check(field.Shape, value, here);
        }

        foreach (var field in fields.Where(field => field.Required && !values.ContainsKey(field.Name)))
            Refuse(Join(path, field.Name), $"is missing. {field.Meaning}", near: path);
    }

    private void Check(Shape shape, JsonNode value, string path)
    {
        switch (shape)
        {
            case Shape.Value(var kind): if (kind.Refuse(value) is { } wrong) Refuse(path, wrong); break;
            case Shape.Words words:
                if (value is JsonArray { Count: 0 }) Refuse(path, "has no items; write at least one, or remove the line");
                else if (words.Kind.Refuse(value) is { } unknown) Refuse(path, unknown);
                break;
            case Shape.Lines(var refuse): CheckLines(refuse, value, path); break;
            case Shape.Section(var fields):
                if (value is JsonObject map) CheckFields(fields, map, path);
                else Refuse(path, "must be a section with keys of its own");
                break;
            case Shape.Rows(var fields):
                if (value is JsonArray { Count: > 0 } rows) CheckRows(fields, rows, path);
                else Refuse(path, "must be a list of at least one section, each with a dash before it");
                break;
        }
    }

    private void CheckRows(ImmutableArray<Field> fields, JsonArray rows, string path)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i] is JsonObject row) CheckFields(fields, row, $"{path}[{i}]");
            else Refuse($"{path}[{i}]", "must be a section with keys of its own");
        }
    }

    private void CheckLines(Func<string, string?> refuse, JsonNode value, string path)
    {
        if (value is not JsonArray lines) Refuse(path, "must be a list of texts, each with a dash before it or between [ and ]");
        else
            for (var i = 0; i < lines.Count; i++)
            {
                if (lines[i]?.GetValueKind() != JsonValueKind.String) Refuse($"{path}[{i}]", $"must be a text; write \"{lines[i]?.ToJsonString() ?? ""}\"");
                else if (refuse(lines[i]!.GetValue<string>()) is { } wrong) Refuse($"{path}[{i}]", $"was \"{lines[i]!.GetValue<string>()}\"{wrong}");
            }
    }

    private void Refuse(string path, string what, string? near = null) => _errors.Add(Error(_document, path, what, near));

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    private static string Unknown(string key, ImmutableArray<Field> fields)
    {
        var names = fields.Select(field => field.Name).ToArray();
        return "there is no such key; " + (Nearest.To(key, names) is { } near ? $"did you mean {near}?" : $"these are known: {string.Join(", ", names)}");
    }
}
