using System.Text.Json.Nodes;

namespace Helix.StandIn.Serving;

/// <summary>How servers are told that an answer was begun, and is to be gone on from.</summary>
internal static class Begun
{
    /// <summary>The assistant's last message, where the body says so. Both members together are refused, as by the real ones.</summary>
    public static string? Told(JsonObject body)
    {
        if (body["continue_final_message"]?.GetValue<bool>() != true) return null;
        if (body["add_generation_prompt"]?.GetValue<bool>() != false) throw new Unreadable("Cannot set both `continue_final_message` and `add_generation_prompt` to True.");
        return Last(body) ?? throw new Unreadable("continue_final_message: the last message is not the assistant's");
    }

    /// <summary>The assistant's last message, whatever the body says of it.</summary>
    public static string? Last(JsonObject body) =>
        body["messages"] is JsonArray { Count: > 0 } messages && messages[^1] is JsonObject last && last["role"]?.ToString() == "assistant" ? last["content"]?.ToString() : null;

    /// <summary>What is left of an answer where a prompt ends with its first words.</summary>
    public static string Rest(string words, string prompt)
    {
        var (pieces, begun) = (Text.Pieces(words), "");
        var rest = words;
        foreach (var piece in pieces)
        {
            begun += piece;
            if (prompt.EndsWith(begun, StringComparison.Ordinal)) rest = words[begun.Length..];
        }

        return rest;
    }
}
