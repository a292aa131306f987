using System.Text.Json;

namespace Helix.Core.Gateway.Dialects;

/// <summary>Puts Ollama's messages into OpenAI's. Calls of tools have no ids there: they get their number, and results are matched by order and name.</summary>
internal static class OllamaMessages
{
    /// <summary>Of one message: each result looks for its call among them.</summary>
    private const int MostCalls = 256;

    public static void Write(Utf8JsonWriter json, JsonElement root)
    {
        var (number, calls) = (0, 0);
        var open = new List<(string Id, string Name)>();
        foreach (var message in root.Items("messages", "messages"))
        {
            var path = $"messages.{number++}";
            if (message.ValueKind != JsonValueKind.Object) throw DialectFault.Wrong(path, "an object");
            var content = message.Text("content", $"{path}.content") ?? "";
            switch (message.Text("role", $"{path}.role"))
            {
                case "system": WriteText(json, "system", content); break;
                case "user": WriteContent(json, "user", content, message, $"{path}.images"); break;
                case "assistant":
                    open.Clear();
                    foreach (var (call, at) in message.Items("tool_calls", $"{path}.tool_calls").Select((call, at) => (call, $"{path}.tool_calls.{at}")))
                        open.Add((call.ValueKind == JsonValueKind.Object && call.Text("id", $"{at}.id") is { } id ? id : $"call_{calls++}", FunctionOf(call, at).Text("name", $"{at}.function.name") ?? throw DialectFault.Missing($"{at}.function.name", "the name of the tool")));
                    if (open.Count > MostCalls) throw DialectFault.Wrong($"{path}.tool_calls", $"at most {MostCalls} calls");
                    WriteAssistant(json, message, content, open, path);
                    break;
                case "tool":
                    var name = message.Text("tool_name", $"{path}.tool_name") ?? message.Text("name", $"{path}.name");
                    var its = message.Text("tool_call_id", $"{path}.tool_call_id");
                    // by its id, else by its name, else by its order; and a history may have been cut before the call
                    var match = open.FindIndex(call => call.Id == its);
                    if (match < 0) match = open.FindIndex(call => call.Name == name);
                    if (match < 0 && open.Count > 0) match = 0;
                    json.WriteStartObject();
                    json.WriteString("role"u8, "tool"u8);
                    json.WriteString("tool_call_id"u8, match < 0 ? its ?? $"call_{calls++}" : open[match].Id);
                    json.WriteString("content"u8, content);
                    json.WriteEndObject();
                    if (match >= 0) open.RemoveAt(match);
                    break;
                default: throw DialectFault.Wrong($"{path}.role", "system, user, assistant or tool");
            }
        }
    }

    /// <param name="holder">That has a member <c>images</c>, or not.</param>
    public static void WriteContent(Utf8JsonWriter json, string role, string text, JsonElement holder, string path)
    {
        var images = holder.Items("images", path).ToArray();
        if (images.Length == 0)
        {
            WriteText(json, role, text);
            return;
        }

        json.WriteStartObject();
        json.WriteString("role"u8, role);
        json.WriteStartArray("content"u8);
        json.WriteStartObject();
        json.WriteString("type"u8, "text"u8);
        json.WriteString("text"u8, text);
        json.WriteEndObject();
        foreach (var image in images)
        {
            if (image.ValueKind != JsonValueKind.String) throw DialectFault.Wrong(path, "an array of base64 texts");
            json.WriteStartObject();
            json.WriteString("type"u8, "image_url"u8);
            json.WriteStartObject("image_url"u8);
            json.WriteString("url"u8, AddressOf(Fields.Read(image, path)));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteText(Utf8JsonWriter json, string role, string text)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, role);
        json.WriteString("content"u8, text);
        json.WriteEndObject();
    }

    private static void WriteAssistant(Utf8JsonWriter json, JsonElement message, string content, List<(string Id, string Name)> calls, string path)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, "assistant"u8);
        json.WriteString("content"u8, content);
        if (message.Text("thinking", $"{path}.thinking") is { Length: > 0 } thoughts) json.WriteString("reasoning_content"u8, thoughts);
        if (calls.Count > 0)
        {
            json.WriteStartArray("tool_calls"u8);
            foreach (var (call, at) in message.Items("tool_calls", $"{path}.tool_calls").Select((call, at) => (call, at)))
            {
                json.WriteStartObject();
                json.WriteString("id"u8, calls[at].Id);
                json.WriteString("type"u8, "function"u8);
                json.WriteStartObject("function"u8);
                json.WriteString("name"u8, calls[at].Name);
                json.WriteString("arguments"u8, FunctionOf(call, $"{path}.tool_calls.{at}").Any("arguments") is { } arguments ? arguments.Raw() : "{}");
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static JsonElement FunctionOf(JsonElement call, string path) =>
        (call.ValueKind == JsonValueKind.Object ? call.Object("function", $"{path}.function") : null) ?? throw DialectFault.Missing($"{path}.function", "the tool that is called");

    /// <summary>The kind of image, told from the first bytes of each format.</summary>
    private static string AddressOf(string image) => image.StartsWith("data:", StringComparison.Ordinal) ? image
        : $"data:image/{(image.StartsWith("/9j/", StringComparison.Ordinal) ? "jpeg" : image.StartsWith("R0lG", StringComparison.Ordinal) ? "gif" : image.StartsWith("UklGR", StringComparison.Ordinal) ? "webp" : "png")};base64,{image}";
}
