using System.Collections.Immutable;
using Helix.Core.Gateway;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Clouds;

/// <summary>What a cloud is sent for a request, in the words that it speaks.</summary>
/// <param name="Splice">What is done to the body on its way.</param>
/// <param name="Question">What of it decides what it costs.</param>
internal sealed record CloudAsk(ReadOnlyMemory<byte> Body, ModelSplice Splice, CloudQuestion Question)
{
    public CloudWords Words { get; init; }

    /// <summary>It is as its client wrote it, and the answer is told on as it comes.</summary>
    public bool IsPassed { get; init; }

    /// <summary>The cloud is asked what the stream took, which the client did not ask.</summary>
    public bool AsksUsage { get; init; }

    /// <summary>The client does not say how long its answer may be.</summary>
    public bool IsUnbounded { get; init; }

    /// <summary>Of the header <c>anthropic-beta</c>; null for none.</summary>
    public string? Betas { get; init; }

    /// <summary>Names of what was left out, since the cloud knows no word for it.</summary>
    public ImmutableArray<string> Dropped { get; init; } = [];

    /// <summary>What is put into other words tells what its stream took.</summary>
    private bool TellsUsage { get; init; }

    /// <param name="model">As the cloud names it.</param>
    /// <param name="body">In OpenAI's words.</param>
    /// <param name="own">The same in Anthropic's, where the client wrote it so.</param>
    /// <returns>It, or why the cloud cannot be asked this.</returns>
    public static (CloudAsk? Ask, GatewayError? Refused) Of(CloudTarget cloud, string model, CloudPrice price, InferenceRoute route, ReadOnlyMemory<byte> body, BodyFacts facts, OwnWords? own) =>
        cloud.Words == CloudWords.OpenAi ? (InOpenAis(cloud, model, route, body, facts), null)
        : own is not null ? AsWritten(own, model)
        : InAnthropics(model, price, body);

    /// <summary>Hears the answer to it; null where that is in OpenAI's words.</summary>
    /// <param name="now">When it begins.</param>
    public MessagesAnswer? Hear(bool isEventStream, DateTimeOffset now) =>
        Words == CloudWords.OpenAi ? null
        : isEventStream ? new MessagesEvents(IsPassed ? null : new ChatChunks(now, TellsUsage))
        : new MessagesBody(IsPassed ? null : now);

    /// <summary>What the cloud says went wrong, in OpenAI's shape.</summary>
    public ReadOnlyMemory<byte> Retold(ReadOnlyMemory<byte> words) => Words == CloudWords.Anthropic ? MessagesWords.Retold(words) : words;

    private static CloudAsk InOpenAis(CloudTarget cloud, string model, InferenceRoute route, ReadOnlyMemory<byte> body, BodyFacts facts)
    {
        var question = CloudQuestion.Of(body.Span);
        if (question.IsNewlyWorded && CloudProduct.At(cloud.Address) is null) question = question with { AnswerTokens = null };
        var asksUsage = route != InferenceRoute.Embeddings && facts.Stream && !question.SaysStreamOptions;
        return new(body, ModelSplice.For(facts, model, asksUsage), question) { AsksUsage = asksUsage, IsUnbounded = question.AnswerTokens is null };
    }

    private static (CloudAsk?, GatewayError?) AsWritten(OwnWords own, string model)
    {
        switch (BodyPeek.Look(own.Body.Span))
        {
            case BodyLook.Bad(var error): return (null, error);
            case BodyLook.Good(var facts):
                var question = MessagesQuestion.Of(own.Body);
                var (betas, dropped) = MessagesBetas.Of(own.Betas);
                return (new(own.Body, ModelSplice.For(facts, model), question) { Words = CloudWords.Anthropic, IsPassed = true, IsUnbounded = question.AnswerTokens is null, Betas = betas, Dropped = dropped }, null);
            default: throw new InvalidOperationException("a new kind of look");
        }
    }

    /// <summary>What costs beside the tokens is told by the name that the client has for it.</summary>
    private static (CloudAsk?, GatewayError?) InAnthropics(string model, CloudPrice price, ReadOnlyMemory<byte> body)
    {
        var asked = CloudQuestion.Of(body.Span);
        if (asked.Unknown is not null) return (new(body, default, asked) { Words = CloudWords.Anthropic }, null);
        return MessagesRequest.Translate(body, model, price.Answer) switch
        {
            Translated.Good(var told, var dropped) good => (new(told, default, MessagesQuestion.Of(told)) { Words = CloudWords.Anthropic, IsUnbounded = asked.AnswerTokens is null, TellsUsage = good.TellsUsage, Dropped = dropped }, null),
            Translated.Bad(var error) => (null, error),
            _ => throw new InvalidOperationException("a new kind of translation"),
        };
    }
}
