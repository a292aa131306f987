using System.Text.Json;
using Helix.Engine;

namespace Helix.EngineHost;

/// <summary>A field that holds one text or several, as strings or as arrays of tokens.</summary>
internal static class TextOrTokens
{
    public const int MostTexts = 2048;

    /// <summary>The tokens of each text, of one more than there may be at most; what cannot be read is a fault.</summary>
    public static List<int[]> Read(RequestFields fields, string name, TextLimit limit)
    {
        var texts = new List<int[]>();
        switch (fields.Any(name))
        {
            case null:
                fields.Missing(name, "a string, an array of strings or an array of tokens");
                break;
            case { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() == 0:
                fields.Fault(name, "invalid_value", "must not be empty");
                break;
            case { ValueKind: JsonValueKind.Array } list when list[0].ValueKind == JsonValueKind.Number:
                Add(list, fields, name, limit, texts);
                break;
            case { ValueKind: JsonValueKind.Array } list:
                foreach (var item in list.EnumerateArray().TakeWhile(_ => fields.HasRoomForFaults && texts.Count <= MostTexts))
                    Add(item, fields, name, limit, texts);
                break;
            case { } one:
                Add(one, fields, name, limit, texts);
                break;
        }

        return texts;
    }

    private static void Add(JsonElement item, RequestFields fields, string name, TextLimit limit, List<int[]> texts)
    {
        switch (item.ValueKind)
        {
            case JsonValueKind.String when fields.TextOf(item, name) is { } text:
                if (limit.Vocabulary.Tokenize(text, whole: true, limit.Tokens, limit.Left) is not { } tokens)
                    fields.Fault(Refusal.FarTooLong(limit.Tokens, name));
                else if (tokens.Length > 0)
                    texts.Add(tokens);
                else
                    fields.Fault(name, "invalid_value", "must not be empty: this model begins no text by itself");
                break;
            case JsonValueKind.String:
                break;
            case JsonValueKind.Array when item.GetArrayLength() > 0 && item.EnumerateArray().All(token => IsToken(token, limit.Vocabulary)):
                texts.Add([.. item.EnumerateArray().Select(token => token.GetInt32())]);
                break;
            case JsonValueKind.Array:
                fields.Fault(name, "invalid_value", $"must hold tokens from 0 to {limit.Vocabulary.Count - 1}, at least one");
                break;
            default:
                fields.Fault(name, "invalid_type", $"must be a string, an array of strings or an array of tokens, not {RequestFields.Words(item)}");
                break;
        }
    }

    private static bool IsToken(JsonElement json, Vocabulary vocabulary) =>
        json.ValueKind == JsonValueKind.Number && json.TryGetInt32(out var token) && token >= 0 && token < vocabulary.Count;
}

/// <summary>What the texts of a request may become.</summary>
/// <param name="Tokens">Most of one text; one that has far more is not tokenized to its end.</param>
/// <param name="Left">Its client has gone.</param>
internal readonly record struct TextLimit(Vocabulary Vocabulary, int Tokens, CancellationToken Left);
