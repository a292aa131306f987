using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Helix.Engine.Scheduling;

namespace Helix.EngineHost;

/// <summary>The shape of one answer on the wire, as OpenAI gives it: a chat or a plain completion, whole or as a stream of events.</summary>
internal sealed class AnswerFormat
{
    private readonly string _id;
    private readonly bool _chat;
    private readonly ServedEngine _engine;
    private readonly long _created;
    private readonly bool _includeUsage;
    private readonly byte[] _beforeText;
    private readonly byte[] _afterText;

    public AnswerFormat(ServedEngine engine, bool chat, string id, long created, bool includeUsage)
    {
        (_engine, _chat, _id, _created, _includeUsage) = (engine, chat, (chat ? "chatcmpl-" : "cmpl-") + id, created, includeUsage);

        // every event but its text is the same, so it is written once and cut where the text goes
        const string Mark = "\u0001";
        var sample = new ArrayBufferWriter<byte>();
        Event(sample, json => Choice(json, delta => delta.WriteString(_chat ? "content" : "text", Mark), null));
        var cut = sample.WrittenSpan.IndexOf("\\u0001"u8);
        _beforeText = sample.WrittenSpan[..cut].ToArray();
        _afterText = sample.WrittenSpan[(cut + "\\u0001".Length)..].ToArray();
    }

    public static ReadOnlySpan<byte> Done => "data: [DONE]\n\n"u8;

    /// <summary>The first event of a chat's stream: who speaks.</summary>
    public void Role(IBufferWriter<byte> to)
    {
        if (!_chat)
            return;
        Event(to, json => Choice(
            json,
            delta =>
            {
                delta.WriteString("role", "assistant");
                delta.WriteString("content", "");
            },
            null));
    }

    public void Text(IBufferWriter<byte> to, ReadOnlySpan<byte> text)
    {
        const int LongestEscape = 6;
        to.Write(_beforeText);
        JavaScriptEncoder.UnsafeRelaxedJsonEscaping.EncodeUtf8(text, to.GetSpan(text.Length * LongestEscape), out _, out var written);
        to.Advance(written);
        to.Write(_afterText);
    }

    public void Finish(IBufferWriter<byte> to, AnswerEnd.Finished end)
    {
        Event(to, json => Choice(json, delta => { if (!_chat) delta.WriteString("text", ""); }, end.Reason));
        if (_includeUsage)
        {
            Event(to, json =>
            {
                json.WriteStartArray("choices");
                json.WriteEndArray();
                WriteUsage(json, end.Usage);
            });
        }

        to.Write(Done);
    }

    /// <summary>The last event of a stream that cannot be finished; no <c>[DONE]</c> follows.</summary>
    public static void Fail(IBufferWriter<byte> to, Refusal refusal)
    {
        to.Write("data: "u8);
        using (var json = new Utf8JsonWriter(to, Reply.Json))
            refusal.Write(json);
        to.Write("\n\n"u8);
    }

    public void Whole(Utf8JsonWriter json, ReadOnlySpan<byte> text, AnswerEnd.Finished end)
    {
        json.WriteStartObject();
        Head(json, _chat ? "chat.completion" : "text_completion");
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        if (_chat)
        {
            json.WriteStartObject("message");
            json.WriteString("role", "assistant");
            json.WriteString("content", text);
            json.WriteNull("refusal");
            json.WriteEndObject();
        }
        else
        {
            json.WriteString("text", text);
        }

        json.WriteNull("logprobs");
        json.WriteString("finish_reason", Words(end.Reason));
        json.WriteEndObject();
        json.WriteEndArray();
        WriteUsage(json, end.Usage);
        json.WriteEndObject();
    }

    private void Choice(Utf8JsonWriter json, Action<Utf8JsonWriter> content, FinishReason? reason)
    {
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        if (_chat)
            json.WriteStartObject("delta");
        content(json);
        if (_chat)
            json.WriteEndObject();
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", reason is { } known ? Words(known) : null);
        json.WriteEndObject();
        json.WriteEndArray();
        if (_includeUsage)
            json.WriteNull("usage");
    }

    private void Event(IBufferWriter<byte> to, Action<Utf8JsonWriter> content)
    {
        to.Write("data: "u8);
        using (var json = new Utf8JsonWriter(to, Reply.Json))
        {
            json.WriteStartObject();
            Head(json, _chat ? "chat.completion.chunk" : "text_completion");
            content(json);
            json.WriteEndObject();
        }

        to.Write("\n\n"u8);
    }

    private void Head(Utf8JsonWriter json, string kind)
    {
        json.WriteString("id", _id);
        json.WriteString("object", kind);
        json.WriteNumber("created", _created);
        json.WriteString("model", _engine.Alias);
        json.WriteString("system_fingerprint", _engine.Fingerprint);
    }

    private static void WriteUsage(Utf8JsonWriter json, Usage usage)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", usage.PromptTokens);
        json.WriteNumber("completion_tokens", usage.CompletionTokens);
        json.WriteNumber("total_tokens", usage.PromptTokens + usage.CompletionTokens);
        json.WriteStartObject("prompt_tokens_details");
        json.WriteNumber("cached_tokens", usage.CachedTokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Words(FinishReason reason) => reason switch
    {
        FinishReason.Stop => "stop",
        _ => "length",
    };
}
