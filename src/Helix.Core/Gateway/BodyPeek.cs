using System.Text.Json;
using System.Text.Unicode;
using Helix.Core.Fleet;

namespace Helix.Core.Gateway;

/// <summary>Reads from a body what routing needs, and checks that the whole of it is JSON. Makes no objects of it.</summary>
internal static class BodyPeek
{
    public const int MaxDepth = 64;

    /// <summary>The prompt and the tools of a longer body are skipped by <see cref="JsonSkip"/>, in bytes.</summary>
    private const int Long = 384;

    /// <summary>Bytes of a name that is written with escapes; none that counts has more.</summary>
    private const int MostEscaped = 6 * 21;

    public static BodyLook Look(ReadOnlySpan<byte> body) =>
        Utf8.IsValid(body) ? Look(body, skips: body.Length > Long) : Bad("invalid_json", "The body is not valid UTF-8. Send JSON in UTF-8.");

    /// <param name="body">In UTF-8.</param>
    internal static BodyLook Look(ReadOnlySpan<byte> body, bool skips)
    {
        try
        {
            return Read(body, skips);
        }
        catch (JsonException) when (skips)
        {
            // whoever read it from its beginning knows where it is wrong
            return Look(body, skips: false);
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

    private static BodyLook Read(ReadOnlySpan<byte> body, bool skips)
    {
        // where the reader's bytes begin
        var origin = 0;
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return Bad("invalid_json", "The body is JSON, but not an object. Send one JSON object.");

        string? model = null;
        int start = (int)reader.BytesConsumed, length = 0;
        bool hasMembers = false, streams = false, streamSeen = false;
        var needs = ModelAbilities.None;
        var (prompt, tools) = (default(Range), default(Range));
        int? most = null;
        bool isCold = false, isSeeded = false, isManifold = false;
        RequestParameters named = RequestParameters.None, asked = RequestParameters.None;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            hasMembers = true;
            var member = Which(ref reader);
            if (skips && member is (Member.Prompt or Member.Tools) && JsonSkip.Length(body[(origin + (int)reader.BytesConsumed)..], MaxDepth - 1) is > 0 and var skipped)
            {
                var from = origin + (int)reader.BytesConsumed;
                origin = from + skipped;
                var value = body[from..origin].TrimStart(" \t\r\n"u8);
                if (member == Member.Prompt) prompt = (origin - value.Length)..origin;
                else (tools, needs) = ((origin - value.Length)..origin, IsEmpty(value) ? needs : needs | ModelAbilities.Tools);
                // it goes on behind the value, as if there had been another one
                var instead = new Utf8JsonReader("null"u8, isFinalBlock: false, reader.CurrentState);
                instead.Read();
                reader = new Utf8JsonReader(body[origin..], isFinalBlock: true, instead.CurrentState);
                continue;
            }

            // nearly all members of nearly all bodies are known by now
            var parameter = member is Member.Other or Member.ResponseFormat or Member.Seed or Member.Variants ? ParameterTable.Of(ref reader) : RequestParameters.None;
            reader.Read();
            var begin = origin + (int)reader.TokenStartIndex;
            if (parameter != RequestParameters.None)
            {
                named |= parameter;
                asked |= ParameterValues.Asked(parameter, ref reader);
            }

            switch (member)
            {
                case Member.Model:
                    if (length > 0) return Twice("model");
                    if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null)) return WrongType("model", "a string");
                    (model, start, length) = (reader.GetString(), begin, (int)(reader.BytesConsumed - reader.TokenStartIndex));
                    break;
                case Member.Stream:
                    if (streamSeen) return Twice("stream");
                    if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null)) return WrongType("stream", "true or false");
                    (streams, streamSeen) = (reader.TokenType == JsonTokenType.True, true);
                    break;
                case Member.Tools:
                    if (!IsEmpty(ref reader)) needs |= ModelAbilities.Tools;
                    break;
                case Member.MaxTokens:
                    if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var tokens) && tokens > 0) most = tokens;
                    break;
                case Member.Temperature:
                    isCold = reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var temperature) && temperature == 0;
                    break;
                case Member.Seed:
                    // -1, and the same without a sign, ask llama.cpp and others for another one each time
                    isSeeded = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var seed) && seed is >= 0 and not uint.MaxValue;
                    break;
                case Member.Variants:
                    isManifold |= reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var variants) && variants != 1;
                    break;
                case Member.ResponseFormat:
                    if (IsSchema(ref reader)) needs |= ModelAbilities.JsonSchema;
                    break;
            }

            reader.Skip();
            if (member == Member.Prompt) prompt = begin..(origin + (int)reader.BytesConsumed);
            else if (member == Member.Tools) tools = begin..(origin + (int)reader.BytesConsumed);
        }

        while (reader.Read()) { }
        // the likeliest word is the same with every seed, and without tools there are no calls
        if (isCold) asked &= ~RequestParameters.Seed;
        if (!needs.HasFlag(ModelAbilities.Tools)) asked &= ~RequestParameters.ParallelToolCalls;
        return new BodyLook.Good(new BodyFacts(model, start, length, hasMembers, streams, needs, prompt, tools, most, (isCold || isSeeded) && !isManifold) { Named = named, Asked = asked });
    }

    private enum Member
    {
        Other,
        Model,
        Stream,
        Prompt,
        MaxTokens,
        Tools,
        ResponseFormat,
        Temperature,
        Seed,

        /// <summary>Of an answer.</summary>
        Variants,
    }

    /// <summary>Tells the member whose name the reader stands on.</summary>
    /// <exception cref="InvalidOperationException">Half of a character is in the name.</exception>
    private static Member Which(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped) return Which(reader.ValueSpan);
        if (reader.ValueSpan.Length > MostEscaped) return Member.Other;
        Span<byte> name = stackalloc byte[MostEscaped];
        return Which(name[..reader.CopyString(name)]);
    }

    /// <summary>By its length first: most names are compared with one word, or none.</summary>
    private static Member Which(ReadOnlySpan<byte> name) => name.Length switch
    {
        1 when name.SequenceEqual("n"u8) => Member.Variants,
        4 when name.SequenceEqual("seed"u8) => Member.Seed,
        5 when name.SequenceEqual("model"u8) => Member.Model,
        5 when name.SequenceEqual("input"u8) => Member.Prompt,
        5 when name.SequenceEqual("tools"u8) => Member.Tools,
        6 when name.SequenceEqual("stream"u8) => Member.Stream,
        6 when name.SequenceEqual("prompt"u8) => Member.Prompt,
        7 when name.SequenceEqual("best_of"u8) => Member.Variants,
        8 when name.SequenceEqual("messages"u8) => Member.Prompt,
        9 when name.SequenceEqual("functions"u8) => Member.Tools,
        10 when name.SequenceEqual("max_tokens"u8) => Member.MaxTokens,
        11 when name.SequenceEqual("temperature"u8) => Member.Temperature,
        15 when name.SequenceEqual("response_format"u8) => Member.ResponseFormat,
        21 when name.SequenceEqual("max_completion_tokens"u8) => Member.MaxTokens,
        _ => Member.Other,
    };

    private static bool IsEmpty(ReadOnlySpan<byte> value) => value.SequenceEqual("null"u8) || (value[0] == '[' && value[1..].TrimStart(" \t\r\n"u8)[0] == ']');

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
