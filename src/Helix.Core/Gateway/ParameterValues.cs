using System.Text.Json;

namespace Helix.Core.Gateway;

/// <summary>Tells values that ask for something from those that clients write where they mean nothing: an engine that does not know the parameter answers these alike.</summary>
internal static class ParameterValues
{
    /// <summary>What the value asks for on which the reader stands, and stays.</summary>
    /// <returns>None where it asks for nothing.</returns>
    public static RequestParameters Asked(RequestParameters parameter, ref Utf8JsonReader reader) =>
        parameter == RequestParameters.ResponseFormat ? Format(ref reader)
        : AsksNothing(parameter, ref reader) ? RequestParameters.None
        : parameter;

    /// <summary>The same of a value by itself.</summary>
    /// <param name="value">JSON, without white space before it, at most as deep as a body may be.</param>
    /// <exception cref="InvalidOperationException">Half of a character is in a name within it.</exception>
    public static RequestParameters Asked(RequestParameters parameter, ReadOnlySpan<byte> value)
    {
        // texts are what is written most
        if (value[0] == '"' && parameter != RequestParameters.ResponseFormat) return IsUsual(parameter, value[1..^1]) ? RequestParameters.None : parameter;
        var reader = new Utf8JsonReader(value, new JsonReaderOptions { MaxDepth = BodyPeek.MaxDepth });
        reader.Read();
        return Asked(parameter, ref reader);
    }

    private static bool AsksNothing(RequestParameters parameter, ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => true,
        JsonTokenType.False => parameter is not (RequestParameters.ParallelToolCalls or RequestParameters.CachePrompt),
        JsonTokenType.True => parameter is RequestParameters.ParallelToolCalls or RequestParameters.CachePrompt,
        JsonTokenType.String => IsUsual(parameter, reader.ValueSpan),
        JsonTokenType.Number => reader.TryGetDouble(out var number) && IsUsual(parameter, number),
        JsonTokenType.StartArray => IsUsualList(parameter, ref reader),
        JsonTokenType.StartObject => HasNothing(parameter, ref reader),
        _ => false,
    };

    private static bool IsUsual(RequestParameters parameter, ReadOnlySpan<byte> text) => text.IsEmpty || parameter switch
    {
        RequestParameters.ServiceTier => text.SequenceEqual("auto"u8) || text.SequenceEqual("default"u8),
        RequestParameters.EncodingFormat => text.SequenceEqual("float"u8),
        _ => false,
    };

    private static bool IsUsual(RequestParameters parameter, double number) => parameter switch
    {
        RequestParameters.N or RequestParameters.BestOf or RequestParameters.TopP or RequestParameters.TypicalP or RequestParameters.RepeatPenalty or RequestParameters.RepetitionPenalty => number == 1,
        RequestParameters.Logprobs or RequestParameters.TopLogprobs or RequestParameters.PresencePenalty or RequestParameters.FrequencyPenalty or RequestParameters.MinP => number == 0,
        RequestParameters.TopK => number is 0 or -1,
        // another one each time
        RequestParameters.Seed => number is -1 or uint.MaxValue,
        _ => false,
    };

    private static bool IsUsualList(RequestParameters parameter, ref Utf8JsonReader reader)
    {
        var ahead = reader;
        if (!ahead.Read() || ahead.TokenType == JsonTokenType.EndArray) return true;
        return parameter == RequestParameters.Modalities && ahead.TokenType == JsonTokenType.String && ahead.ValueSpan.SequenceEqual("text"u8) && ahead.Read() && ahead.TokenType == JsonTokenType.EndArray;
    }

    private static bool HasNothing(RequestParameters parameter, ref Utf8JsonReader reader)
    {
        var ahead = reader;
        while (ahead.Read() && ahead.TokenType == JsonTokenType.PropertyName)
        {
            if (parameter != RequestParameters.StreamOptions) return false;
            ahead.Read();
            if (ahead.TokenType is not (JsonTokenType.False or JsonTokenType.Null)) return false;
        }

        return true;
    }

    private static RequestParameters Format(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null) return RequestParameters.None;
        if (reader.TokenType != JsonTokenType.StartObject) return RequestParameters.ResponseFormat;
        var ahead = reader;
        while (ahead.Read() && ahead.TokenType == JsonTokenType.PropertyName)
        {
            var isType = ahead.ValueTextEquals("type"u8);
            ahead.Read();
            if (isType && ahead.TokenType == JsonTokenType.String && ahead.ValueSpan.SequenceEqual("text"u8)) return RequestParameters.None;
            if (isType && ahead.TokenType == JsonTokenType.String && ahead.ValueSpan.SequenceEqual("json_object"u8)) return RequestParameters.ResponseFormat | RequestParameters.JsonObject;
            if (isType) return RequestParameters.ResponseFormat;
            ahead.Skip();
        }

        // no type: there is none that it could ask for
        return RequestParameters.None;
    }
}
