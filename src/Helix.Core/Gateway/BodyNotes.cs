using System.Buffers.Text;
using System.Text.Json;
using Helix.Core.Fleet;

namespace Helix.Core.Gateway;

/// <summary>What routing needs of a body, noted while one member after the other is read.</summary>
internal struct BodyNotes
{
    private string? _model;
    private int _modelStart;
    private int _modelLength;
    private bool? _streams;
    private ModelAbilities _needs;
    private Range _prompt;
    private Range _tools;
    private int? _most;
    private bool _isCold;
    private bool _isSeeded;
    private bool _isManifold;
    private RequestParameters _named;
    private RequestParameters _asked;

    /// <param name="open">Behind the bracket with which the body begins.</param>
    public BodyNotes(int open) => _modelStart = open;

    /// <summary>Notes what the value says on which the reader stands, and stays.</summary>
    /// <param name="parameter">That its member is.</param>
    /// <param name="begin">Where the value begins in the body.</param>
    /// <returns>What is wrong with it; null where nothing is.</returns>
    /// <exception cref="InvalidOperationException">Half of a character is in it.</exception>
    public GatewayError? Note(BodyMember member, RequestParameters parameter, ref Utf8JsonReader reader, int begin)
    {
        if (parameter != RequestParameters.None) NoteParameter(parameter, ParameterValues.Asked(parameter, ref reader));
        switch (member)
        {
            case BodyMember.Model:
                if (_modelLength > 0) return Twice("model");
                if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null)) return WrongType("model", "a string");
                NoteModel(reader.GetString(), begin, (int)(reader.BytesConsumed - reader.TokenStartIndex));
                break;
            case BodyMember.Stream:
                if (_streams is not null) return Twice("stream");
                if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null)) return WrongType("stream", "true or false");
                _streams = reader.TokenType == JsonTokenType.True;
                break;
            case BodyMember.MaxTokens:
                if (reader.TokenType == JsonTokenType.Number) NoteMost(reader.ValueSpan);
                break;
            case BodyMember.Temperature:
                _isCold = reader.TokenType == JsonTokenType.Number && IsZero(reader.ValueSpan);
                break;
            case BodyMember.Seed:
                // -1, and the same without a sign, ask llama.cpp and others for another one each time
                _isSeeded = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var seed) && seed is >= 0 and not uint.MaxValue;
                break;
            case BodyMember.Variants:
                _isManifold |= reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var variants) && variants != 1;
                break;
            case BodyMember.ResponseFormat:
                if (IsSchema(ref reader)) _needs |= ModelAbilities.JsonSchema;
                break;
        }

        return null;
    }

    /// <param name="asked">Of it, by its value.</param>
    public void NoteParameter(RequestParameters parameter, RequestParameters asked)
    {
        _named |= parameter;
        _asked |= asked;
    }

    /// <param name="place">Of the value in the body.</param>
    public void NotePrompt(Range place) => _prompt = place;

    /// <param name="value">JSON.</param>
    public void NoteTools(ReadOnlySpan<byte> value, Range place)
    {
        _tools = place;
        if (!IsEmpty(value)) _needs |= ModelAbilities.Tools;
    }

    /// <returns>False where one is noted already.</returns>
    public bool NoteModel(string? name, int begin, int length)
    {
        if (_modelLength > 0) return false;
        (_model, _modelStart, _modelLength) = (name, begin, length);
        return true;
    }

    /// <returns>False where it was said already.</returns>
    public bool NoteStream(bool streams)
    {
        if (_streams is not null) return false;
        _streams = streams;
        return true;
    }

    /// <param name="number">In JSON.</param>
    public void NoteMost(ReadOnlySpan<byte> number)
    {
        if (Utf8Parser.TryParse(number, out int tokens, out var read) && read == number.Length && tokens > 0) _most = tokens;
    }

    /// <param name="number">In JSON.</param>
    public void NoteTemperature(ReadOnlySpan<byte> number) => _isCold = IsZero(number);

    /// <summary>What is known once all members were read.</summary>
    /// <param name="hasMembers">There were any.</param>
    public readonly BodyFacts ToFacts(bool hasMembers)
    {
        var asked = _asked;
        // the likeliest word is the same with every seed, and without tools there are no calls
        if (_isCold) asked &= ~RequestParameters.Seed;
        if (!_needs.HasFlag(ModelAbilities.Tools)) asked &= ~RequestParameters.ParallelToolCalls;
        return new BodyFacts(_model, _modelStart, _modelLength, hasMembers, _streams == true, _needs, _prompt, _tools, _most, (_isCold || _isSeeded) && !_isManifold) { Named = _named, Asked = asked };
    }

    private static bool IsZero(ReadOnlySpan<byte> number)
    {
        // what is short and has no exponent shows it by its digits
        if (number.Length <= 16 && number.IndexOfAny((byte)'e', (byte)'E') < 0) return !number.ContainsAnyInRange((byte)'1', (byte)'9');
        return Utf8Parser.TryParse(number, out double temperature, out var read) && read == number.Length && temperature == 0;
    }

    private static bool IsEmpty(ReadOnlySpan<byte> value) => value.SequenceEqual("null"u8) || (value[0] == '[' && value[JsonSkip.Blank(value, 1)] == ']');

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

    private static GatewayError Twice(string name) => new(400, "duplicate_parameter", $"'{name}' is given twice. Give it once.", name);

    private static GatewayError WrongType(string name, string wanted) => new(400, "invalid_type", $"'{name}' must be {wanted}.", name);
}
