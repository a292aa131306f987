using Helix.Core.Gateway;
using Helix.Core.Gateway.Dialects;

namespace Helix.Gateway;

/// <summary>What a client speaks. Engines are asked in OpenAI's words; where the client speaks those too, bytes pass through.</summary>
internal abstract class Dialect
{
    /// <summary>In which errors are told at this path.</summary>
    public static Dialect Of(string? path) => path?.StartsWith("/v1/messages", StringComparison.Ordinal) == true ? AnthropicDialect.Messages
        : path?.StartsWith("/api/", StringComparison.Ordinal) == true ? OllamaDialect.Chat
        : OpenAiDialect.Instance;

    public abstract ClientDialect Kind { get; }

    /// <summary>What is asked for, where no route says it; null for what its route is called.</summary>
    public virtual string? Operation => null;

    /// <summary>Nothing is to be answered but how long the prompt is.</summary>
    public virtual bool OnlyCounts => false;

    /// <summary>Comments may stand in its streams.</summary>
    public virtual bool HearsComments => true;

    /// <summary>The body for the engine.</summary>
    /// <param name="contextOf">Tokens of context of the model of this name; 0 where nobody knows.</param>
    public abstract Translated Read(ReadOnlyMemory<byte> body, Func<string?, int> contextOf);

    /// <summary>What is said where nothing was asked but that a model be loaded.</summary>
    public virtual ReadOnlyMemory<byte> Loaded(string model, bool unloads, DateTimeOffset now) => throw new InvalidOperationException("nobody asks for that in this dialect");

    public abstract ReadOnlyMemory<byte> Error(GatewayError error, string requestId);

    /// <summary>In the middle of a stream.</summary>
    public abstract ReadOnlyMemory<byte> ErrorFrame(GatewayError error, string requestId);

    /// <param name="words">Of an engine that refused: JSON, or any text.</param>
    public abstract ReadOnlyMemory<byte> Refusal(ReadOnlyMemory<byte> words, int status, string requestId);

    /// <param name="words">Of an engine that refused in the middle of a stream.</param>
    public abstract ReadOnlyMemory<byte> RefusalFrame(ReadOnlyMemory<byte> words, int status, string requestId);

    /// <returns>Null where the engine's answer is passed on as it is.</returns>
    /// <param name="isEventStream">The engine answers with one, whatever it was asked for.</param>
    public abstract AnswerTranslation? Translation(Exchange exchange, bool isEventStream);
}

internal sealed class OpenAiDialect : Dialect
{
    public static OpenAiDialect Instance { get; } = new();

    public override ClientDialect Kind => ClientDialect.OpenAi;

    public override Translated Read(ReadOnlyMemory<byte> body, Func<string?, int> contextOf) => throw new InvalidOperationException("bytes pass through");

    public override ReadOnlyMemory<byte> Error(GatewayError error, string requestId) => ErrorJson.Body(error, requestId);

    public override ReadOnlyMemory<byte> ErrorFrame(GatewayError error, string requestId) => ErrorJson.Frame(error, requestId);

    public override ReadOnlyMemory<byte> Refusal(ReadOnlyMemory<byte> words, int status, string requestId) => ErrorJson.OfEngine(words, status, requestId);

    public override ReadOnlyMemory<byte> RefusalFrame(ReadOnlyMemory<byte> words, int status, string requestId) =>
        (byte[])[.. "data: "u8, .. ErrorJson.OfEngine(words, status, requestId).Span, .. "\n\n"u8];

    public override AnswerTranslation? Translation(Exchange exchange, bool isEventStream) => null;
}

/// <summary>Anthropic's Messages API.</summary>
/// <param name="countOnly">For <c>/v1/messages/count_tokens</c>: the engine is asked for one token, and tells how long the prompt is by its own template and vocabulary.</param>
internal sealed class AnthropicDialect(bool countOnly) : Dialect
{
    public static AnthropicDialect Messages { get; } = new(countOnly: false);

    public static AnthropicDialect CountTokens { get; } = new(countOnly: true);

    public override ClientDialect Kind => ClientDialect.Anthropic;

    public override string? Operation => countOnly ? "count_tokens" : null;

    public override bool OnlyCounts => countOnly;

    public override Translated Read(ReadOnlyMemory<byte> body, Func<string?, int> contextOf) => AnthropicRequest.Translate(body, countOnly, contextOf);

    public override ReadOnlyMemory<byte> Error(GatewayError error, string requestId) => AnthropicWords.Error(error.Status, error.Message, requestId);

    public override ReadOnlyMemory<byte> ErrorFrame(GatewayError error, string requestId) => AnthropicWords.Event("error"u8, AnthropicWords.Error(error.Status, error.Message, requestId));

    public override ReadOnlyMemory<byte> Refusal(ReadOnlyMemory<byte> words, int status, string requestId) => AnthropicWords.Error(status, ErrorJson.WordsOf(words, status), requestId);

    public override ReadOnlyMemory<byte> RefusalFrame(ReadOnlyMemory<byte> words, int status, string requestId) => AnthropicWords.Event("error"u8, AnthropicWords.Error(status, ErrorJson.WordsOf(words, status), requestId));

    public override AnswerTranslation Translation(Exchange exchange, bool isEventStream)
    {
        if (countOnly) return new AnthropicCount(exchange.PromptTokens);
        var (id, model) = ($"msg_{exchange.RequestId}", exchange.Facts.Model ?? exchange.Model ?? "auto");
        if (!exchange.Facts.Stream) return new AnthropicWhole(id, model);
        var stream = new AnthropicStream(id, model, exchange.RequestId);
        return isEventStream ? stream : new WholeAsStream(stream);
    }
}
