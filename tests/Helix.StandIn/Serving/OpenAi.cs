using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Helix.StandIn.Serving;

/// <summary>Chat, completions and embeddings in the OpenAI dialect.</summary>
internal sealed class OpenAi(Stage stage, Manners manners, Tally tally)
{
    private int _number;

    public async Task ChatAsync(Call call) => await AnswerAsync(call, Ask.OfChat(await call.BodyAsync(), manners.Begun), chat: true);

    public async Task CompletionAsync(Call call) => await AnswerAsync(call, Ask.OfCompletion(await call.BodyAsync()), chat: false);

    public async Task EmbeddingsAsync(Call call)
    {
        var body = await call.BodyAsync();
        if (await ModelAsync(call, body["model"]?.ToString()) is not { } model) return;
        var input = body["input"] ?? throw new Unreadable("input: Field required");
        string[] texts = input is JsonArray many ? [.. many.Select(one => one!.ToString())] : [input.ToString()];
        var packed = body["encoding_format"]?.ToString() == "base64";
        JsonArray data =
        [
            .. texts.Select((text, index) =>
            {
                var vector = Text.Vector(text);
                JsonNode shown = packed ? Convert.ToBase64String(MemoryMarshal.AsBytes(vector.AsSpan())) : new JsonArray([.. vector.Select(value => (JsonNode)value)]);
                return (JsonNode)new JsonObject { ["object"] = "embedding", ["index"] = index, ["embedding"] = shown };
            }),
        ];
        var count = texts.Sum(Text.Count);
        await call.SendAsync(200, new JsonObject
        {
            ["object"] = "list", ["model"] = model, ["data"] = data, ["usage"] = new JsonObject { ["prompt_tokens"] = count, ["total_tokens"] = count },
        });
    }

    /// <summary>The list of models, with what only this server says of each.</summary>
    public Func<Call, Task> Models(string owner, Action<JsonObject>? more = null) => call =>
    {
        JsonArray data =
        [
            .. manners.Models().Select(name =>
            {
                var card = new JsonObject { ["id"] = name, ["object"] = "model", ["created"] = 1_700_000_000, ["owned_by"] = owner };
                more?.Invoke(card);
                return (JsonNode)card;
            }),
        ];
        return call.SendAsync(200, new JsonObject { ["object"] = "list", ["data"] = data });
    };

    private async Task AnswerAsync(Call call, Ask ask, bool chat)
    {
        var knobs = Knobs.Read();
        stage.Faults.Generation(knobs);
        if (await ModelAsync(call, ask.Model) is not { } model) return;
        if (knobs.FailStatus > 0)
        {
            await manners.Refuse(call, Trouble.Broken, "stand-in: told to fail (fail_status)");
            return;
        }

        if (ask.Format is { } format && manners.RefusedFormats.Contains(format))
        {
            await manners.Refuse(call, Trouble.BadRequest, $"'response_format.type' must not be '{format}'");
            return;
        }

        if (manners.Context is { } context && ask.PromptTokens >= context)
        {
            await manners.Refuse(call, Trouble.TooLong, $"{ask.PromptTokens}/{context}");
            return;
        }

        if (manners.Prepare is { } prepare && await prepare(model) is { } failure)
        {
            await manners.Refuse(call, Trouble.Broken, failure);
            return;
        }

        using var running = tally.Run();
        if (knobs.Wedge) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, call.Gone);
        var words = knobs.Answer.Length > 0 ? knobs.Answer : manners.Speaker is { } speaker ? await speaker(ask, model, call.Gone) : stage.Answer(model, ask.LastWords);
        if (ask.Begun is { } begun) words = words.StartsWith(begun, StringComparison.Ordinal) ? words[begun.Length..] : " (gone on from other words)";
        else if (!chat) words = Begun.Rest(words, ask.Prompt);
        var called = chat && manners.Tools ? ask.Calls : null;
        if (called is not null) words = called.Arguments;
        else if (ask.Format is "json_object" or "json_schema") words = new JsonObject { ["answer"] = words }.ToJsonString();
        var reply = new Reply($"{(chat ? "chatcmpl" : "cmpl")}-{Interlocked.Increment(ref _number)}", model, chat, ask, words, manners, called?.Name);
        tally.Add(ask.PromptTokens, reply.Pieces.Count);
        if (knobs.AnswerGarbage) await call.SendAsync(200, "\u0001\u0002 this is no JSON <<<", "application/json");
        else if (ask.Stream && manners.Streams) await StreamAsync(call, reply, knobs);
        else await WholeAsync(call, reply, knobs);
    }

    private static async Task WholeAsync(Call call, Reply reply, Knobs knobs)
    {
        foreach (var _ in reply.Pieces) await PauseAsync(knobs, call.Gone);
        if (knobs.HalfStream) call.Break();
        else await call.SendAsync(200, reply.Whole());
    }

    private static async Task StreamAsync(Call call, Reply reply, Knobs knobs)
    {
        await call.BeginStreamAsync();
        if (reply.Chat) await call.EventAsync(reply.First());
        for (var i = 0; i < reply.Pieces.Count; i++)
        {
            if (knobs.HalfStream && i >= reply.Pieces.Count / 2)
            {
                call.Break();
                return;
            }

            await PauseAsync(knobs, call.Gone);
            await call.EventAsync(reply.Piece(i));
        }

        await call.EventAsync(reply.Last());
        if (reply.StreamedUsage() is { } usage) await call.EventAsync(usage);
        await call.EventAsync("[DONE]");
    }

    private static Task PauseAsync(Knobs knobs, CancellationToken gone) =>
        knobs.SlowTokensMs > 0 ? Task.Delay(TimeSpan.FromMilliseconds(knobs.SlowTokensMs), TimeProvider.System, gone) : Task.CompletedTask;

    /// <returns>Null: refused already.</returns>
    private async Task<string?> ModelAsync(Call call, string? asked)
    {
        var known = manners.Models();
        if (known.Count == 0) await manners.Refuse(call, Trouble.NotReady, "No models are currently loaded.");
        else if (!manners.ChecksModel || asked is null || known.Contains(asked)) return manners.ChecksModel && asked is not null ? asked : known[0];
        else await manners.Refuse(call, Trouble.UnknownModel, asked);
        return null;
    }
}
