using System.Collections.Immutable;
using System.Text.Json;

namespace Helix.Core.Gateway.Dialects;

/// <summary>A call of a tool, or a piece of one.</summary>
/// <param name="Index">Its number within the answer.</param>
internal sealed record CallPiece(int Index, string? Id, string? Name, string Arguments);

/// <summary>What an event of a stream, or a whole answer, in OpenAI's words says.</summary>
/// <param name="Finish">OpenAI's <c>finish_reason</c>; null while the answer goes on.</param>
/// <param name="StopWord">The stop sequence that ended it, where the engine tells.</param>
internal sealed record ChatPiece(string? Text, string? Thought, ImmutableArray<CallPiece> Calls, string? Finish, string? StopWord, TokenUsage? Usage)
{
    /// <summary>Set where it is an error: what the engine says.</summary>
    public string? Error { get; init; }

    /// <summary>There is no answer beside it.</summary>
    public bool IsOnly { get; init; } = true;

    /// <summary>It is text of the one and only answer, and nothing else that would have to be kept together with it.</summary>
    public bool IsPlain { get; init; } = true;

    /// <returns>Null where it is no such JSON.</returns>
    public static ChatPiece? Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) return null;
            var usage = TokenUsage.In(json.Span);
            if (root.Any("error") is { } error) return new(null, null, [], null, null, usage) { Error = LooseText.Words(error) };
            if (root.Any("choices") is not { ValueKind: JsonValueKind.Array } choices || choices.GetArrayLength() == 0) return new(null, null, [], null, null, usage);
            var choice = choices[0];
            var said = choice.Any("delta") ?? choice.Any("message") ?? choice;
            var calls = CallsOf(said);
            var isOnly = choices.GetArrayLength() == 1 && !(choice.Any("index") is { ValueKind: JsonValueKind.Number } index && !(index.TryGetInt32(out var number) && number == 0));
            return new(
                TextOf(said, "content") ?? TextOf(said, "text"), TextOf(said, "reasoning_content") ?? TextOf(said, "reasoning"), calls,
                TextOf(choice, "finish_reason"), TextOf(choice, "stop_reason"), usage)
            {
                IsOnly = isOnly,
                IsPlain = calls.IsEmpty && isOnly && choice.Any("logprobs") is null,
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ImmutableArray<CallPiece> CallsOf(JsonElement said) =>
        said.Any("tool_calls") is not { ValueKind: JsonValueKind.Array } calls ? []
            : [.. calls.EnumerateArray().Select((call, at) => (call, at)).Where(each => each.call.ValueKind == JsonValueKind.Object).Select(each => CallOf(each.call, each.at))];

    private static CallPiece CallOf(JsonElement call, int at)
    {
        var index = call.Any("index") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var its) ? its : at;
        var function = call.Any("function") is { ValueKind: JsonValueKind.Object } inner ? inner : default;
        if (function.ValueKind == JsonValueKind.Undefined) return new(index, TextOf(call, "id"), null, "");
        // some engines write the arguments as an object
        var arguments = function.Any("arguments") switch { { ValueKind: JsonValueKind.String } text => TextOf(function, "arguments")!, { ValueKind: JsonValueKind.Object } value => LooseText.Json(value), _ => "" };
        return new(index, TextOf(call, "id"), TextOf(function, "name"), arguments);
    }

    private static string? TextOf(JsonElement parent, string name) => parent.Any(name) is { ValueKind: JsonValueKind.String } text ? LooseText.Of(text) : null;
}
