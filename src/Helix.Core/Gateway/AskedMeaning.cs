using System.Text;
using System.Text.Json;

namespace Helix.Core.Gateway;

/// <summary>A request of which only the last text is compared by its meaning; all else of it has to be the same.</summary>
/// <param name="Around">Stands for all else, for who asks, and for who is to answer.</param>
/// <param name="Text">What its user said last.</param>
/// <param name="Marks">What another text must share with it.</param>
internal sealed record AskedMeaning(string Around, string Text, SaidMarks Marks)
{
    /// <summary>In a longer text what matters may be one word of many, and models that make vectors cut it off; in bytes.</summary>
    public const int LongestText = 1024;

    /// <summary>In a shorter one each word decides, and vectors of single words lie close together; in bytes.</summary>
    public const int ShortestText = 12;

    /// <summary>What else may stand in a request. Of what nobody here knows, nobody knows what it does with the text.</summary>
    private static readonly HashSet<string> s_known = new(StringComparer.Ordinal)
    {
        "model", "stream", "stream_options", "temperature", "top_p", "top_k", "min_p", "typical_p", "seed", "max_tokens", "max_completion_tokens", "stop",
        "presence_penalty", "frequency_penalty", "repeat_penalty", "repetition_penalty", "logit_bias", "user", "metadata", "store", "service_tier", "safety_identifier",
        "prompt_cache_key", "reasoning_effort", "verbosity", "parallel_tool_calls", "cache_prompt", "chat_template_kwargs",
    };

    /// <param name="key">Whose memory is asked.</param>
    /// <param name="model">That is to answer.</param>
    /// <param name="body">Of a request, looked at before.</param>
    /// <returns>Null where it is not to be compared: it is no chat, or has tools, images, a format, several answers or texts, or a text that is long or very short.</returns>
    public static AskedMeaning? Of(string key, InferenceRoute route, string model, ReadOnlyMemory<byte> body)
    {
        if (route != InferenceRoute.Chat) return null;
        try
        {
            using var document = JsonDocument.Parse(body, new() { MaxDepth = BodyPeek.MaxDepth, AllowDuplicateProperties = false });
            return TextOf(document.RootElement) is { } text && !string.IsNullOrWhiteSpace(text) && Encoding.UTF8.GetByteCount(text) is >= ShortestText and <= LongestText
                ? new(AnswerKey.Around(key, route, model, document.RootElement), text, SaidMarks.Of(text))
                : null;
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            // the same member twice, or half of a character
            return null;
        }
    }

    private static string? TextOf(JsonElement request)
    {
        if (request.ValueKind != JsonValueKind.Object) return null;
        string? text = null;
        foreach (var member in request.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null) continue;
            if (member.Name == "messages") text = LastOf(member.Value);
            else if (!MayStand(member.Name, member.Value)) return null;
        }

        return text;
    }

    private static bool MayStand(string name, JsonElement value) => name switch
    {
        "tools" or "functions" => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0,
        "tool_choice" or "function_call" => value.ValueKind == JsonValueKind.String && (value.ValueEquals("none"u8) || value.ValueEquals("auto"u8)),
        "response_format" => value.ValueKind == JsonValueKind.Object && value.EnumerateObject().All(member => member.Name == "type" && member.Value.ValueKind == JsonValueKind.String && member.Value.ValueEquals("text"u8)),
        "n" or "best_of" => Is(value, 1),
        "top_logprobs" => Is(value, 0),
        "logprobs" => value.ValueKind == JsonValueKind.False,
        _ => s_known.Contains(name),
    };

    private static bool Is(JsonElement value, int number) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var its) && its == number;

    /// <summary>What the user says at the end of a chat that is made of texts alone.</summary>
    private static string? LastOf(JsonElement messages)
    {
        if (messages.ValueKind != JsonValueKind.Array) return null;
        var (role, text) = (default(string), default(string));
        foreach (var message in messages.EnumerateArray())
            if (!IsPlain(message, out role, out text)) return null;
        return role == "user" ? text : null;
    }

    /// <param name="text">Null where it says nothing, or several things.</param>
    private static bool IsPlain(JsonElement message, out string? role, out string? text)
    {
        (role, text) = (null, null);
        if (message.ValueKind != JsonValueKind.Object) return false;
        foreach (var member in message.EnumerateObject())
        {
            switch (member.Name)
            {
                case var _ when member.Value.ValueKind == JsonValueKind.Null: break;
                case "role" when member.Value.ValueKind == JsonValueKind.String:
                    role = member.Value.GetString();
                    break;
                case "content" when HasOnlyText(member.Value, out text): break;
                case "name" or "reasoning_content": break;
                default: return false;
            }
        }

        return role is "system" or "developer" or "user" or "assistant";
    }

    private static bool HasOnlyText(JsonElement content, out string? text)
    {
        text = null;
        if (content.ValueKind == JsonValueKind.String)
        {
            text = content.GetString();
            return true;
        }

        if (content.ValueKind != JsonValueKind.Array) return false;
        foreach (var part in content.EnumerateArray())
        {
            if (!IsText(part, out var said)) return false;
            text = said;
        }

        if (content.GetArrayLength() != 1) text = null;
        return true;
    }

    private static bool IsText(JsonElement part, out string? said)
    {
        said = null;
        if (part.ValueKind != JsonValueKind.Object) return false;
        var isText = false;
        foreach (var member in part.EnumerateObject())
        {
            switch (member.Name)
            {
                case "type" when member.Value.ValueKind == JsonValueKind.String && member.Value.ValueEquals("text"u8):
                    isText = true;
                    break;
                case "text" when member.Value.ValueKind == JsonValueKind.String:
                    said = member.Value.GetString();
                    break;
                default: return false;
            }
        }

        return isText && said is not null;
    }
}
