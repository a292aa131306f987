using Helix.Core.Gateway;
using Helix.Core.Gateway.Dialects;

namespace Helix.Gateway;

/// <summary>What Ollama's clients ask of a model.</summary>
internal enum OllamaAsk
{
    Chat,
    Generate,
    Embed,

    /// <summary>The older path, for one text.</summary>
    EmbedOne,
}

/// <summary>Ollama's own API.</summary>
internal sealed class OllamaDialect(OllamaAsk ask) : Dialect
{
    public static OllamaDialect Chat { get; } = new(OllamaAsk.Chat);

    public static OllamaDialect Generate { get; } = new(OllamaAsk.Generate);

    public static OllamaDialect Embed { get; } = new(OllamaAsk.Embed);

    public static OllamaDialect EmbedOne { get; } = new(OllamaAsk.EmbedOne);

    public override ClientDialect Kind => ClientDialect.Ollama;

    public override bool HearsComments => false;

    public override Translated Read(ReadOnlyMemory<byte> body, Func<string?, int> contextOf) => ask switch
    {
        OllamaAsk.Chat => OllamaRequest.Chat(body),
        OllamaAsk.Generate => OllamaRequest.Generate(body),
        OllamaAsk.Embed => OllamaRequest.Embed(body),
        _ => OllamaRequest.EmbedOne(body),
    };

    public override ReadOnlyMemory<byte> Error(GatewayError error, string requestId) => Words(error.Message);

    public override ReadOnlyMemory<byte> ErrorFrame(GatewayError error, string requestId) => Line(error.Message);

    public override ReadOnlyMemory<byte> Refusal(ReadOnlyMemory<byte> words, int status, string requestId) => Words(ErrorJson.WordsOf(words, status));

    public override ReadOnlyMemory<byte> RefusalFrame(ReadOnlyMemory<byte> words, int status, string requestId) => Line(ErrorJson.WordsOf(words, status));

    public override AnswerTranslation Translation(Exchange exchange, bool isEventStream)
    {
        var frame = new OllamaFrame(exchange.Facts.Model ?? exchange.Model ?? "auto", ask == OllamaAsk.Chat, () => exchange.Now, () => exchange.Times);
        if (ask is OllamaAsk.Embed or OllamaAsk.EmbedOne) return new OllamaEmbeddings(frame, ask == OllamaAsk.EmbedOne);
        if (!exchange.Facts.Stream) return new OllamaWhole(frame);
        return isEventStream ? new OllamaStream(frame) : new WholeAsStream(new OllamaStream(frame));
    }

    public override ReadOnlyMemory<byte> Loaded(string model, bool unloads, DateTimeOffset now) => DialectJson.Object(json =>
    {
        json.WriteString("model"u8, model);
        json.WriteString("created_at"u8, now);
        if (ask == OllamaAsk.Chat)
        {
            json.WriteStartObject("message"u8);
            json.WriteString("role"u8, "assistant"u8);
            json.WriteString("content"u8, ""u8);
            json.WriteEndObject();
        }
        else json.WriteString("response"u8, ""u8);

        json.WriteBoolean("done"u8, true);
        json.WriteString("done_reason"u8, unloads ? "unload"u8 : "load"u8);
    });

    private static byte[] Words(string message) => DialectJson.Object(json => json.WriteString("error"u8, message));

    private static byte[] Line(string message) => [.. Words(message), (byte)'\n'];
}
