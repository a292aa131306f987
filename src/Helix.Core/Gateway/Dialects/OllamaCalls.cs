using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Helix.Core.Gateway.Dialects;

/// <summary>Calls of tools as they come together.</summary>
internal sealed class OllamaCalls
{
    private readonly CallNumbers _numbers = new();
    private readonly SortedDictionary<int, (string? Id, string? Name, StringBuilder Arguments)> _calls = [];

    public bool IsEmpty => _calls.Count == 0;

    public void Add(ImmutableArray<CallPiece> pieces)
    {
        foreach (var piece in pieces)
        {
            var number = _numbers.Of(piece);
            var known = _calls.GetValueOrDefault(number, (null, null, new StringBuilder()));
            _calls[number] = (string.IsNullOrEmpty(known.Id) ? piece.Id : known.Id, known.Name ?? piece.Name, known.Arguments.Append(piece.Arguments));
        }
    }

    public void Write(Utf8JsonWriter json)
    {
        if (IsEmpty) return;
        json.WriteStartArray("tool_calls"u8);
        foreach (var (id, name, arguments) in _calls.Values)
        {
            json.WriteStartObject();
            if (!string.IsNullOrEmpty(id)) json.WriteString("id"u8, id);
            json.WriteStartObject("function"u8);
            json.WriteString("name"u8, name ?? "");
            json.WritePropertyName("arguments"u8);
            DialectJson.WriteArguments(json, arguments.ToString());
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
