using System.Text.Json.Nodes;

namespace Helix.StandIn.Serving;

/// <summary>What a model may be made for beside texts.</summary>
internal enum Craft
{
    Images,
    Speech,
    Transcription,
    Rerank,
}

/// <summary>Pictures, sounds and rankings in the OpenAI dialect, as small as they can be.</summary>
/// <param name="objection">Why a model cannot do it; null: it can.</param>
internal sealed class Media(Stage stage, Manners manners, Func<string, Craft, string?> objection)
{
    private const int Rate = 8000;

    /// <summary>One point.</summary>
    private const string Picture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

    /// <param name="asAddress">Unless bytes are asked for, it answers with an address at itself.</param>
    public async Task ImagesAsync(Call call, bool asAddress)
    {
        var body = await call.BodyAsync();
        if (await ModelAsync(call, body["model"]?.ToString(), Craft.Images) is null) return;
        if (body["prompt"] is null) throw new Unreadable("prompt: Field required");
        var bytes = !asAddress || body["response_format"]?.ToString() == "b64_json";
        JsonArray data =
        [
            .. Enumerable.Range(0, body["n"]?.GetValue<int>() ?? 1).Select(index => (JsonNode)(bytes
                ? new JsonObject { ["index"] = index, ["b64_json"] = Picture }
                : new JsonObject { ["index"] = index, ["url"] = $"http://{call.Authority}/generated-images/b64{index}.png" })),
        ];
        await call.SendAsync(200, new JsonObject
        {
            ["created"] = 1_700_000_000, ["data"] = data,
            ["usage"] = new JsonObject
            {
                ["total_tokens"] = 0, ["input_tokens"] = 0, ["output_tokens"] = 0, ["input_tokens_details"] = new JsonObject { ["text_tokens"] = 0, ["image_tokens"] = 0 },
            },
        });
    }

    public async Task SpeechAsync(Call call)
    {
        var body = await call.BodyAsync();
        if (await ModelAsync(call, body["model"]?.ToString(), Craft.Speech) is null) return;
        var text = body["input"]?.ToString() ?? throw new Unreadable("input: Field required");
        await call.SendAsync(200, Sound(Text.Count(text)), "audio/wav");
    }

    /// <param name="streams">It tells its text in pieces where it is asked to.</param>
    public async Task TranscribeAsync(Call call, bool streams)
    {
        var form = await call.FormAsync();
        if (await ModelAsync(call, form["model"], Craft.Transcription) is not { } model) return;
        var file = form.Files.GetFile("file") ?? throw new Unreadable("file: Field required");
        var text = stage.Answer(model, $"{file.FileName}, {file.Length} bytes");
        if (streams && form["stream"] == "true") await StreamAsync(call, model, text);
        else if (form["response_format"] == "text") await call.SendAsync(200, text + "\n");
        else await call.SendAsync(200, new JsonObject { ["text"] = text, ["usage"] = new JsonObject { ["type"] = "duration", ["seconds"] = 1 } });
    }

    /// <param name="withTexts">The answer repeats the texts.</param>
    public async Task RerankAsync(Call call, bool withTexts)
    {
        var body = await call.BodyAsync();
        if (await ModelAsync(call, body["model"]?.ToString(), Craft.Rerank) is not { } model) return;
        var query = body["query"]?.ToString() ?? throw new Unreadable("query: Field required");
        var texts = (body["documents"] as JsonArray ?? throw new Unreadable("documents: Field required")).Select(text => text is JsonObject one ? one["text"]?.ToString() ?? "" : text?.ToString() ?? "").ToArray();
        var words = query.Split(' ');
        var ranked = texts.Select((text, index) => (Index: index, Text: text, Score: text.Split(' ').Intersect(words).Count() / (double)words.Length))
            .OrderByDescending(each => each.Score).Take(body["top_n"]?.GetValue<int>() ?? texts.Length);
        var tokens = texts.Sum(text => Text.Count(query) + Text.Count(text));
        await call.SendAsync(200, new JsonObject
        {
            ["object"] = "list", ["model"] = model,
            ["usage"] = withTexts ? new JsonObject { ["total_tokens"] = tokens } : new JsonObject { ["prompt_tokens"] = tokens, ["total_tokens"] = tokens },
            ["results"] = new JsonArray([.. ranked.Select(each =>
            {
                var result = new JsonObject { ["index"] = each.Index, ["relevance_score"] = each.Score };
                if (withTexts) result["document"] = new JsonObject { ["text"] = each.Text };
                return (JsonNode)result;
            })]),
        });
    }

    /// <summary>As vLLM does it.</summary>
    private static async Task StreamAsync(Call call, string model, string text)
    {
        await call.BeginStreamAsync();
        foreach (var piece in Text.Pieces(text))
            await call.EventAsync(new JsonObject
            {
                ["id"] = "trsc-1", ["object"] = "transcription.chunk", ["created"] = 1_700_000_000, ["model"] = model,
                ["choices"] = new JsonArray(new JsonObject { ["delta"] = new JsonObject { ["content"] = piece } }),
            });
        await call.EventAsync("[DONE]");
    }

    /// <returns>Null: refused already.</returns>
    private async Task<string?> ModelAsync(Call call, string? asked, Craft craft)
    {
        var known = manners.Models();
        if (manners.ChecksModel && asked is not null && !known.Contains(asked))
        {
            await manners.Refuse(call, Trouble.UnknownModel, asked);
            return null;
        }

        var model = manners.ChecksModel && asked is not null ? asked : known[0];
        var failure = manners.Prepare is { } prepare ? await prepare(model) : null;
        failure ??= objection(model, craft);
        if (failure is null) return model;
        await manners.Refuse(call, Trouble.Broken, failure);
        return null;
    }

    /// <summary>A tenth of a second of silence for each word: a WAV file with one channel of 16 bit.</summary>
    private static byte[] Sound(int words)
    {
        var samples = words * Rate / 10;
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("RIFF"u8);
        writer.Write(36 + samples * 2);
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)1);
        writer.Write((short)1);
        writer.Write(Rate);
        writer.Write(Rate * 2);
        writer.Write((short)2);
        writer.Write((short)16);
        writer.Write("data"u8);
        writer.Write(samples * 2);
        writer.Write(new byte[samples * 2]);
        writer.Flush();
        return stream.ToArray();
    }
}
