using System.Globalization;
using System.Text;
using System.Text.Json;
using Helix.Engine.Scheduling;

namespace Helix.EngineHost;

/// <summary>The endpoints that make the model work.</summary>
internal sealed class InferenceEndpoints(TimeProvider time, Random random)
{
    private const int TemplateBeginning = 60;

    private readonly long _start = random.NextInt64();
    private long _answers;

    public async Task ChatAsync(HttpContext http, ServedEngine engine)
    {
        var faults = new List<Refusal>();
        using var body = await RequestBody.ReadAsync(http, faults);
        var request = body is null ? null : ChatRequest.Read(body.RootElement, faults);
        if (request is null || faults.Count > 0)
        {
            await Reply.RefuseAsync(http, faults);
            return;
        }

        if (!engine.Model.Facts.Generates)
            await Reply.RefuseAsync(http, OnlyEmbeds(engine));
        else if (PromptOf(engine, request) is not { } prompt)
            await Reply.RefuseAsync(http, NoTemplate(engine));
        else if (engine.Model.Vocabulary.Tokenize(prompt, whole: true, Room(engine), http.RequestAborted) is not { } tokens)
            await Reply.RefuseAsync(http, Refusal.FarTooLong(Room(engine), "messages"));
        else
            await AnswerAsync(http, engine, tokens, request.Wish, chat: true);
    }

    public async Task CompleteAsync(HttpContext http, ServedEngine engine)
    {
        var faults = new List<Refusal>();
        using var body = await RequestBody.ReadAsync(http, faults);
        var request = body is null ? null : CompletionRequest.Read(body.RootElement, Limit(http, engine, Room(engine)), faults);
        if (request is null || faults.Count > 0)
            await Reply.RefuseAsync(http, faults);
        else if (!engine.Model.Facts.Generates)
            await Reply.RefuseAsync(http, OnlyEmbeds(engine));
        else
            await AnswerAsync(http, engine, request.Prompt, request.Wish, chat: false);
    }

    public static async Task EmbedAsync(HttpContext http, ServedEngine engine)
    {
        var faults = new List<Refusal>();
        using var body = await RequestBody.ReadAsync(http, faults);
        var limit = Math.Min(Room(engine), engine.Model.Facts.ContextTrained);
        var request = body is null ? null : EmbeddingRequest.Read(body.RootElement, engine.Model, Limit(http, engine, limit), faults);
        if (request?.Texts.FirstOrDefault(text => text.Length > limit) is { } tooLong)
            faults.Add(Refusal.ContextExceeded(tooLong.Length, limit, "input"));
        if (request is null || faults.Count > 0)
            await Reply.RefuseAsync(http, faults);
        else if (!engine.Model.Facts.Embeds)
            await Reply.RefuseAsync(http, Refusal.Invalid("unsupported_model", "model", $"The model {engine.Alias} makes no embeddings."));
        else
            await VectorsAsync(http, engine, request);
    }

    public static async Task TokenizeAsync(HttpContext http, ServedEngine engine)
    {
        var faults = new List<Refusal>();
        using var body = await RequestBody.ReadAsync(http, faults);
        if (body is not null)
        {
            var fields = new RequestFields(body.RootElement, "", faults);
            var content = fields.Text("content");
            var whole = fields.Flag("add_special") ?? false;
            if (content is null && faults.Count == 0)
                fields.Missing("content", "the text");
            fields.RefuseOthers();
            if (content is not null && faults.Count == 0)
            {
                if (engine.Model.Vocabulary.Tokenize(content, whole, Room(engine), http.RequestAborted) is { } tokens)
                    await Reply.JsonAsync(http, StatusCodes.Status200OK, json => WriteTokens(json, tokens));
                else
                    await Reply.RefuseAsync(http, Refusal.FarTooLong(Room(engine), "content"));
                return;
            }
        }

        await Reply.RefuseAsync(http, faults);
    }

    /// <summary>Open for the assistant's answer, or for the rest of one; null if the template is not known.</summary>
    private static byte[]? PromptOf(ServedEngine engine, ChatRequest request)
    {
        var prompt = engine.Model.Chat.Render(request.Messages);
        return prompt is null || request.Begun is not { } begun ? prompt : [.. prompt, .. Encoding.UTF8.GetBytes(begun)];
    }

    /// <summary>Tokens of prompt and answer together.</summary>
    private static int Room(ServedEngine engine) => engine.Scheduler.Settings.Context;

    private static TextLimit Limit(HttpContext http, ServedEngine engine, int tokens) => new(engine.Model.Vocabulary, tokens, http.RequestAborted);

    private static void WriteTokens(Utf8JsonWriter json, int[] tokens)
    {
        json.WriteStartObject();
        json.WriteStartArray("tokens");
        foreach (var token in tokens)
            json.WriteNumberValue(token);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private async Task AnswerAsync(HttpContext http, ServedEngine engine, int[] prompt, AnswerWish wish, bool chat)
    {
        var question = new Question(prompt, wish.MaxTokens ?? int.MaxValue, wish.Sampling, wish.Seed, wish.Stops);
        switch (engine.Scheduler.Ask(question))
        {
            case Admission.Accepted(var answer):
                await DeliverAsync(http, answer, new AnswerFormat(engine, chat, NewId(), time.GetUtcNow().ToUnixTimeSeconds(), wish.IncludeUsage), wish.Stream);
                break;
            case Admission.TooLong(var tokens, var limit):
                await Reply.RefuseAsync(http, Refusal.ContextExceeded(tokens, limit, chat ? "messages" : "prompt"));
                break;
            case (Admission.Busy or Admission.Closed) and var refused:
                await RefuseAsync(http, refused);
                break;
        }
    }

    private static async Task VectorsAsync(HttpContext http, ServedEngine engine, EmbeddingRequest request)
    {
        if (engine.Scheduler.Embed(request.Texts, http.RequestAborted) is var admission && admission is Admission.Embedding(var vectors))
            await EmbeddingReply.WriteAsync(http, engine, request, await vectors);
        else
            await RefuseAsync(http, admission);
    }

    private static Task RefuseAsync(HttpContext http, Admission admission) => Reply.RefuseAsync(http, admission switch
    {
        Admission.Busy(var waiting) => Refusal.Busy(waiting),
        Admission.Closed(var reason) => Refusal.Unavailable("engine_stopped", $"No answer is possible: {reason}."),
        _ => throw new InvalidOperationException($"{admission} is no refusal"),
    });

    private static async Task DeliverAsync(HttpContext http, AnswerStream answer, AnswerFormat format, bool stream)
    {
        await using var gone = http.RequestAborted.UnsafeRegister(state => ((AnswerStream)state!).Cancel(), answer);
        try
        {
            await (stream ? AnswerDelivery.StreamAsync(http, answer, format) : AnswerDelivery.WholeAsync(http, answer, format));
        }
        finally
        {
            // whatever happened here, nobody reads it any more
            answer.Cancel();
        }
    }

    private string NewId() => string.Create(CultureInfo.InvariantCulture, $"{_start:x16}{Interlocked.Increment(ref _answers):x8}");

    private static Refusal OnlyEmbeds(ServedEngine engine) =>
        Refusal.Invalid("unsupported_model", "model", $"The model {engine.Alias} only makes embeddings; ask /v1/embeddings.");

    private static Refusal NoTemplate(ServedEngine engine)
    {
        var what = engine.Model.Chat.Text is { } text
            ? $"has a chat template that the built-in engine does not know (it begins with '{text[..Math.Min(TemplateBeginning, text.Length)].ReplaceLineEndings(" ")}')"
            : "brings no chat template";
        return Refusal.Invalid("unsupported_chat_template", "model", $"The model {engine.Alias} {what}. Ask /v1/completions, or run it with llama-server (provider `llamacpp`).");
    }
}
