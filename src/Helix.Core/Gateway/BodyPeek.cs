using System.Text.Json;
using System.Text.Unicode;

namespace Helix.Core.Gateway;

/// <summary>Reads from a body what routing needs, and checks that the whole of it is JSON. Makes no objects of it.</summary>
internal static class BodyPeek
{
    public const int MaxDepth = 64;

    public static BodyLook Look(ReadOnlySpan<byte> body)
    {
        if (!Utf8.IsValid(body)) return Bad("invalid_json", "The body is not valid UTF-8. Send JSON in UTF-8.");
        try
        {
            return Read(body);
        }
        catch (JsonException wrong)
        {
            return Bad("invalid_json", $"The body is not valid JSON (line {wrong.LineNumber + 1}, byte {wrong.BytePositionInLine + 1}, nested at most {MaxDepth} deep). Send one JSON object.");
        }
        catch (InvalidOperationException)
        {
            return Bad("invalid_json", "The body contains half of a character (a lone surrogate such as \\ud800). Escape characters beyond U+FFFF as pairs, or not at all.");
        }
    }

    private static BodyLook Read(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return Bad("invalid_json", "The body is JSON, but not an object. Send one JSON object.");

        string? model = null;
        int start = (int)reader.BytesConsumed, length = 0;
        bool hasMembers = false, streams = false, streamSeen = false, structured = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            hasMembers = true;
            switch (Which(ref reader))
            {
                case Member.Model:
                    if (length > 0) return Twice("model");
                    if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null)) return WrongType("model", "a string");
                    (model, start, length) = (reader.GetString(), (int)reader.TokenStartIndex, (int)(reader.BytesConsumed - reader.TokenStartIndex));
                    break;
                case Member.Stream:
                    if (streamSeen) return Twice("stream");
                    if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null)) return WrongType("stream", "true or false");
                    (streams, streamSeen) = (reader.TokenType == JsonTokenType.True, true);
                    break;
                case Member.Tools:
                    structured |= !IsEmpty(ref reader);
                    break;
                case Member.ResponseFormat:
                    structured |= IsSchema(ref reader);
                    break;
            }

            reader.Skip();
        }

        while (reader.Read()) { }
        return new BodyLook.Good(new BodyFacts(model, start, length, hasMembers, streams, structured));
    }

    private enum Member
    {
        Other,
        Model,
        Stream,
        Tools,
        ResponseFormat,
    }

    /// <summary>Tells the member whose name the reader stands on, and moves on to its value.</summary>
    private static Member Which(ref Utf8JsonReader reader)
    {
        var member =
            reader.ValueTextEquals("model"u8) ? Member.Model
            : reader.ValueTextEquals("stream"u8) ? Member.Stream
            : reader.ValueTextEquals("tools"u8) || reader.ValueTextEquals("functions"u8) ? Member.Tools
            : reader.ValueTextEquals("response_format"u8) ? Member.ResponseFormat
            : Member.Other;
        reader.Read();
        return member;
    }

    private static bool IsEmpty(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null) return true;
        if (reader.TokenType != JsonTokenType.StartArray) return false;
        var ahead = reader;
        return ahead.Read() && ahead.TokenType == JsonTokenType.EndArray;
    }

    private static bool IsSchema(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject) return false;
        var ahead = reader;
        while (ahead.Read() && ahead.TokenType == JsonTokenType.PropertyName)
        {
            var isType = ahead.ValueTextEquals("type"u8);
            ahead.Read();
            if (isType) return ahead.TokenType == JsonTokenType.String && ahead.ValueTextEquals("json_schema"u8);
            ahead.Skip();
        }

        return false;
    }

    private static BodyLook.Bad Twice(string name) => Bad("duplicate_parameter", $"'{name}' is given twice. Give it once.", name);

    private static BodyLook.Bad WrongType(string name, string wanted) => Bad("invalid_type", $"'{name}' must be {wanted}.", name);

    private static BodyLook.Bad Bad(string code, string message, string? param = null) => new(new GatewayError(400, code, message, param));
}
