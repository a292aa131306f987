using System.Text.Json;

namespace Helix.Core.Gateway.Dialects;

/// <summary>What a response consists of beside its output: its names, and what was asked, which the client is told again.</summary>
/// <param name="Id">Of the response.</param>
/// <param name="Model">As the client named it.</param>
/// <param name="Asked">The <see cref="Echoes"/> of the request.</param>
internal sealed record ResponseFrame(string Id, string Model, DateTimeOffset Created, JsonElement Asked)
{
    /// <summary>What is told again as it was asked, or else as its default.</summary>
    private static readonly (string Name, string Default)[] s_echoes =
    [
        ("instructions", "null"), ("max_output_tokens", "null"), ("metadata", "{}"), ("parallel_tool_calls", "true"), ("reasoning", """{"effort":null,"summary":null}"""),
        ("temperature", "null"), ("text", """{"format":{"type":"text"}}"""), ("tool_choice", "\"auto\""), ("tools", "[]"), ("top_p", "null"), ("user", "null"),
    ];

    /// <summary>Of a request, what its client is told again.</summary>
    public static byte[] Echoes(JsonElement asked) => DialectJson.Object(json =>
    {
        foreach (var (name, _) in s_echoes)
        {
            if (asked.Any(name) is not { } value) continue;
            json.WritePropertyName(name);
            value.WriteTo(json);
        }
    });

    /// <summary>Writes a response object.</summary>
    /// <param name="finish">OpenAI's <c>finish_reason</c>; null while the answer goes on.</param>
    /// <param name="failure">What went wrong; null where nothing did.</param>
    /// <param name="output">Writes its items.</param>
    public void Write(Utf8JsonWriter json, string? finish, TokenUsage? usage, string? failure, Action<Utf8JsonWriter> output)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, Id);
        json.WriteString("object"u8, "response"u8);
        json.WriteNumber("created_at"u8, Created.ToUnixTimeSeconds());
        json.WriteString("status"u8, failure is not null ? "failed" : finish switch { null => "in_progress", "length" or "content_filter" => "incomplete", _ => "completed" });
        json.WriteBoolean("background"u8, false);
        if (failure is null) json.WriteNull("error"u8);
        else
        {
            json.WriteStartObject("error"u8);
            json.WriteString("code"u8, "server_error"u8);
            json.WriteString("message"u8, failure);
            json.WriteEndObject();
        }

        if (finish is not ("length" or "content_filter")) json.WriteNull("incomplete_details"u8);
        else
        {
            json.WriteStartObject("incomplete_details"u8);
            json.WriteString("reason"u8, finish == "length" ? "max_output_tokens"u8 : "content_filter"u8);
            json.WriteEndObject();
        }

        json.WriteString("model"u8, Model);
        json.WriteStartArray("output"u8);
        output(json);
        json.WriteEndArray();
        foreach (var (name, otherwise) in s_echoes)
        {
            json.WritePropertyName(name);
            if (Asked.Any(name) is { } asked) asked.WriteTo(json);
            else json.WriteRawValue(otherwise);
        }

        json.WriteNull("previous_response_id"u8);
        json.WriteBoolean("store"u8, false);
        json.WriteString("truncation"u8, "disabled"u8);
        if (usage is not { } told) json.WriteNull("usage"u8);
        else
        {
            json.WriteStartObject("usage"u8);
            json.WriteNumber("input_tokens"u8, told.Prompt);
            json.WriteStartObject("input_tokens_details"u8);
            json.WriteNumber("cached_tokens"u8, told.Cached);
            json.WriteEndObject();
            json.WriteNumber("output_tokens"u8, told.Answer);
            json.WriteStartObject("output_tokens_details"u8);
            json.WriteNumber("reasoning_tokens"u8, 0);
            json.WriteEndObject();
            json.WriteNumber("total_tokens"u8, told.Prompt + told.Answer);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}

/// <summary>An item of a response's output.</summary>
internal abstract record ResponseItem(string Id)
{
    /// <summary>The answer was ended in the middle of it.</summary>
    public bool IsCut { get; init; }

    /// <param name="isOver">It is complete.</param>
    public abstract void Write(Utf8JsonWriter json, bool isOver);

    protected void Head(Utf8JsonWriter json, string type, bool isOver)
    {
        json.WriteString("id"u8, Id);
        json.WriteString("type"u8, type);
        json.WriteString("status"u8, !isOver ? "in_progress"u8 : IsCut ? "incomplete"u8 : "completed"u8);
    }

    internal sealed record Message(string Id, string Text) : ResponseItem(Id)
    {
        public override void Write(Utf8JsonWriter json, bool isOver)
        {
            json.WriteStartObject();
            Head(json, "message", isOver);
            json.WriteString("role"u8, "assistant"u8);
            json.WriteStartArray("content"u8);
            if (isOver) WritePart(json);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        public void WritePart(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "output_text"u8);
            json.WriteStartArray("annotations"u8);
            json.WriteEndArray();
            json.WriteStartArray("logprobs"u8);
            json.WriteEndArray();
            json.WriteString("text"u8, Text);
            json.WriteEndObject();
        }
    }

    internal sealed record Reasoning(string Id, string Text) : ResponseItem(Id)
    {
        public override void Write(Utf8JsonWriter json, bool isOver)
        {
            json.WriteStartObject();
            Head(json, "reasoning", isOver);
            json.WriteStartArray("summary"u8);
            json.WriteEndArray();
            json.WriteStartArray("content"u8);
            if (isOver) WritePart(json);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        public void WritePart(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "reasoning_text"u8);
            json.WriteString("text"u8, Text);
            json.WriteEndObject();
        }
    }

    internal sealed record Call(string Id, string CallId, string Name, string Arguments) : ResponseItem(Id)
    {
        public override void Write(Utf8JsonWriter json, bool isOver)
        {
            json.WriteStartObject();
            Head(json, "function_call", isOver);
            json.WriteString("call_id"u8, CallId);
            json.WriteString("name"u8, Name);
            json.WriteString("arguments"u8, Arguments);
            json.WriteEndObject();
        }
    }
}
