using System.Text.Json;
using Helix.Core.Gateway.Dialects;
using Helix.Core.Manifests;

namespace Helix.Core.Gateway;

/// <summary>A request for the rest of an answer, which another backend is to give from what was said of it.</summary>
internal static class ContinuedRequest
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = BodyPeek.MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Members that mean the same for the rest of an answer as for the whole. Of what is not named here, nobody knows: a form that is kept to, a probability for each word.</summary>
    private static readonly HashSet<string> s_same = new(StringComparer.Ordinal)
    {
        "model", "messages", "prompt", "stream", "stream_options", "temperature", "top_p", "top_k", "min_p", "typical_p", "seed", "logit_bias",
        "repeat_penalty", "repetition_penalty", "frequency_penalty", "presence_penalty", "reasoning_effort", "chat_template_kwargs",
        "user", "store", "metadata", "service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "parallel_tool_calls", "tool_choice", "cache_prompt",
    };

    /// <summary>In the marks of templates, which engines take for their own when they read them as a part of a prompt: <c>&lt;/think&gt;</c>, <c>[THINK]</c>, <c>&lt;|channel|&gt;</c>.</summary>
    private static readonly string[] s_marks = ["think>", "THINK]", "<|"];

    /// <summary>Whether an engine that goes on so can go on with an answer of this kind.</summary>
    public static bool Can(AnswerContinuation? how, InferenceRoute route) =>
        how is not null && (route == InferenceRoute.Chat ? how.Chat is not null : route == InferenceRoute.Completion && how.Completions);

    /// <summary>Whether the rest of its answer is plain text that can be asked for.</summary>
    /// <param name="body">Of the request.</param>
    /// <param name="said">Of the answer; what its client had.</param>
    /// <param name="tokens">That are in it, about.</param>
    public static bool IsPossible(InferenceRoute route, ReadOnlyMemory<byte> body, string said, long tokens)
    {
        if (!IsPlain(said)) return false;
        try
        {
            using var document = JsonDocument.Parse(body, s_options);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !Begins(route, root)) return false;
            foreach (var member in root.EnumerateObject())
                if (!IsSame(member, said, tokens))
                    return false;
            // half of a character somewhere in it could not be written
            _ = DialectJson.Value(root.WriteTo);
            return true;
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <param name="body">Of a request for which it is possible.</param>
    /// <param name="given">What the backend is to go on from.</param>
    /// <param name="tokens">That were said, about: so many fewer may be said now.</param>
    /// <param name="how">Of a backend that can.</param>
    public static byte[] Of(InferenceRoute route, ReadOnlyMemory<byte> body, string given, long tokens, AnswerContinuation how)
    {
        using var document = JsonDocument.Parse(body, s_options);
        var root = document.RootElement;
        var isChat = route == InferenceRoute.Chat;
        return DialectJson.Object(json =>
        {
            foreach (var member in root.EnumerateObject())
            {
                if (isChat && IsSaidAnew(member.Name, how)) continue;
                switch (member.Name)
                {
                    case AnswerContinuation.Messages when isChat && how.Chat == AnswerContinuation.Messages: WriteMessages(json, member.Value, given); break;
                    case "prompt" when !isChat: json.WriteString("prompt"u8, member.Value.GetString() + given); break;
                    case "max_tokens" or "max_completion_tokens" when member.Value.ValueKind == JsonValueKind.Number: json.WriteNumber(member.Name, member.Value.GetInt64() - tokens); break;
                    default: member.WriteTo(json); break;
                }
            }

            if (!isChat) return;
            if (how.Chat != AnswerContinuation.Messages) json.WriteString(how.Chat!, given);
            foreach (var (name, value) in how.Members)
            {
                json.WritePropertyName(name);
                json.WriteRawValue(value);
            }
        });
    }

    private static bool IsSaidAnew(string name, AnswerContinuation how) =>
        (name == how.Chat && name != AnswerContinuation.Messages) || how.Members.Any(member => member.Name == name);

    private static void WriteMessages(Utf8JsonWriter json, JsonElement messages, string given)
    {
        json.WriteStartArray(AnswerContinuation.Messages);
        foreach (var message in messages.EnumerateArray()) message.WriteTo(json);
        json.WriteStartObject();
        json.WriteString("role"u8, "assistant"u8);
        json.WriteString("content"u8, given);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    /// <summary>Whole characters, and no marks of a template.</summary>
    private static bool IsPlain(string said) =>
        said.Length > 0 && !said.Contains('\uFFFD', StringComparison.Ordinal) && !s_marks.Any(mark => said.Contains(mark, StringComparison.Ordinal));

    /// <summary>The answer has no beginning that the client gave.</summary>
    private static bool Begins(InferenceRoute route, JsonElement root)
    {
        if (route != InferenceRoute.Chat) return route == InferenceRoute.Completion && root.Any("prompt") is { ValueKind: JsonValueKind.String };
        return root.Any(AnswerContinuation.Messages) is { ValueKind: JsonValueKind.Array } messages && messages.GetArrayLength() is > 0 and var count
            && messages[count - 1].Any("role") is { ValueKind: JsonValueKind.String } role && !role.ValueEquals("assistant"u8);
    }

    /// <remarks>Whoever says no says that something is not done, but for the opening of an answer: then there is none to go on with.</remarks>
    private static bool IsSame(JsonProperty member, string said, long tokens) => member.Value.ValueKind == JsonValueKind.Null || (member.Value.ValueKind == JsonValueKind.False && member.Name != "add_generation_prompt") || IsEmpty(member.Value) || member.Name switch
    {
        "n" or "best_of" => IsWhole(member.Value, 1),
        "logprobs" or "top_logprobs" => IsWhole(member.Value, 0),
        "response_format" => member.Value.Any("type") is { ValueKind: JsonValueKind.String } type && type.ValueEquals("text"u8),
        "max_tokens" or "max_completion_tokens" => member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt64(out var most) && most > tokens,
        "stop" => EndsBeforeStop(member.Value, said),
        var name => s_same.Contains(name),
    };

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.String => value.ValueEquals(""u8),
        _ => false,
    };

    private static bool IsWhole(JsonElement value, int number) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var its) && its == number;

    /// <summary>No stop sequence has begun at the end of what was said: whoever goes on would not know that it had.</summary>
    private static bool EndsBeforeStop(JsonElement stop, string said) => stop.ValueKind switch
    {
        JsonValueKind.String => !HasBegun(stop.GetString()!, said),
        JsonValueKind.Array => stop.EnumerateArray().All(each => each.ValueKind == JsonValueKind.String && !HasBegun(each.GetString()!, said)),
        _ => false,
    };

    private static bool HasBegun(string stop, string said)
    {
        for (var length = Math.Min(stop.Length, said.Length); length > 0; length--)
            if (said.AsSpan().EndsWith(stop.AsSpan(0, length)))
                return true;
        return false;
    }
}
