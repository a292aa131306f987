using System.Text.Json.Nodes;

namespace Helix.StandIn.Serving;

/// <summary>A call that a model makes of a tool.</summary>
/// <param name="Arguments">JSON.</param>
internal sealed record ToolCall(string Name, string Arguments)
{
    /// <summary>
    /// The first tool of which the user's last words say <c>call NAME</c>; else, where it is held to call one (<c>tool_choice</c> <c>required</c>), the first that
    /// there is. A function that <c>tool_choice</c> names is not heeded, as by llama-server, which reads <c>auto</c> there.
    /// </summary>
    /// <returns>Null where none is called.</returns>
    public static ToolCall? Of(JsonObject body, string said)
    {
        if (body["tools"] is not JsonArray tools || body["messages"] is not JsonArray { Count: > 0 } messages || messages[^1] is not JsonObject last) return null;
        var choice = body["tool_choice"]?.ToString();
        if (choice == "none") return null;
        JsonObject[] offered = [.. tools.Select(tool => tool?["function"]).OfType<JsonObject>().Where(function => function["name"] is not null)];
        var asked = last["role"]?.ToString() == "user" ? Array.Find(offered, function => said.Contains($"call {function["name"]}", StringComparison.Ordinal)) : null;
        var called = asked ?? (choice == "required" ? offered.FirstOrDefault() : null);
        return called is null ? null : new(called["name"]!.ToString(), Given(called["parameters"], said).ToJsonString());
    }

    /// <summary>What the tool requires and nothing else; for one that does not say what it takes, the words.</summary>
    private static JsonObject Given(JsonNode? schema, string said)
    {
        if (schema is null) return new JsonObject { ["said"] = said };
        var arguments = new JsonObject();
        if (schema["required"] is not JsonArray required) return arguments;
        foreach (var name in required.Select(each => each!.ToString())) arguments[name] = Value(schema["properties"]?[name], said);
        return arguments;
    }

    private static JsonNode? Value(JsonNode? schema, string said)
    {
        if (schema?["enum"] is JsonArray { Count: > 0 } choices) return choices[0]?.DeepClone();
        switch (schema?["type"]?.ToString())
        {
            case "integer" or "number": return 1;
            case "boolean": return true;
            case "array": return new JsonArray();
            case "object": return Given(schema, said);
            default: return schema?["maxLength"]?.GetValue<int>() is { } most && most < said.Length ? said[..most] : said;
        }
    }
}
