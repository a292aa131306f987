using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Core.Updates;
using Helix.Fleet;

namespace Helix.Updates;

/// <summary>Where an engine is asked, and under which name it knows its model.</summary>
/// <param name="IsChat">It is asked as in a chat; else to complete a text.</param>
internal sealed record MeterTarget(string Endpoint, string Model, string? Key, bool IsChat)
{
    public static MeterTarget Of(InstanceSpec spec) => new(spec.Endpoint, spec.UpstreamModel, spec.Key, spec.Abilities.HasFlag(ModelAbilities.Chat));

    public static MeterTarget Of(Backend backend, ModelAbilities abilities) => new(backend.Endpoint, backend.UpstreamModel, backend.Key, abilities.HasFlag(ModelAbilities.Chat));
}

/// <param name="Tokens">Of the answer, at most.</param>
internal sealed record Question(string Text, int Tokens)
{
    private const int Longest = 60;

    public string Shown => Text.Length <= Longest ? Text : Text[..Longest] + "…";
}

/// <summary>Asks an engine a few questions, and measures its answers. Nothing of a user's is in them.</summary>
internal sealed class EngineMeter(TimeProvider time)
{
    private const int Tokens = 32;

    /// <summary>Tokens that came within less came at once, as far as anybody can tell: how fast is chance.</summary>
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan s_deadline = TimeSpan.FromMinutes(2);
    private static readonly string[] s_questions = ["Count from one to twenty in words.", "Say what a clock is.", "List the days of the week."];

    /// <summary>One answer to each question, one after the other.</summary>
    public async Task<IReadOnlyList<Measurement>> MeasureAsync(MeterTarget target, CancellationToken cancellationToken)
    {
        using var client = ClientOf(target);
        var answers = new List<Measurement>();
        foreach (var question in s_questions) answers.Add(await AskAsync(client, target, new(question, Tokens), cancellationToken));
        return answers;
    }

    /// <summary>One answer to each question, so many of them at a time.</summary>
    public async Task<IReadOnlyList<Measurement>> MeasureAsync(MeterTarget target, IReadOnlyList<Question> questions, int concurrent, CancellationToken cancellationToken)
    {
        using var client = ClientOf(target);
        var answers = new Measurement[questions.Count];
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(concurrent, questions.Count)).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var number && number < questions.Count) answers[number] = await AskAsync(client, target, questions[number], cancellationToken);
        }));
        return answers;
    }

    private static HttpClient ClientOf(MeterTarget target) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (_, token) => new NetworkStream(await EngineEndpoint.ConnectAsync(target.Endpoint, token), ownsSocket: true),
    })
    {
        BaseAddress = new Uri("http://localhost"),
        Timeout = Timeout.InfiniteTimeSpan,
        // one that is a helix itself would answer from memory
        DefaultRequestHeaders = { { CacheWish.Header, "off" } },
    };

    private async Task<Measurement> AskAsync(HttpClient client, MeterTarget target, Question question, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(s_deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var request = RequestOf(target, question);
            var asked = time.GetTimestamp();
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (!response.IsSuccessStatusCode) return Measurement.Failed($"asked \"{question.Shown}\", it answered {(int)response.StatusCode}");
            return await ReadAsync(await response.Content.ReadAsStreamAsync(either.Token), asked, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Measurement.Failed($"asked \"{question.Shown}\", it had not answered after {s_deadline.TotalMinutes:0} minutes");
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or JsonException)
        {
            return Measurement.Failed($"asked \"{question.Shown}\", it did not answer properly ({broken.Message})");
        }
    }

    private static HttpRequestMessage RequestOf(MeterTarget target, Question question)
    {
        var (model, text) = (JsonSerializer.Serialize(target.Model, ApiJson.Default.String), JsonSerializer.Serialize(question.Text, ApiJson.Default.String));
        var what = target.IsChat ? "\"messages\":[{\"role\":\"user\",\"content\":" + text + "}]" : "\"prompt\":" + text;
        var request = new HttpRequestMessage(HttpMethod.Post, target.IsChat ? "/v1/chat/completions" : "/v1/completions")
        {
            Content = new StringContent($$"""{"model":{{model}},{{what}},"max_tokens":{{question.Tokens}},"temperature":0,"stream":true}""", Encoding.UTF8, "application/json"),
        };
        if (target.Key is { } key) request.Headers.Authorization = new("Bearer", key);
        return request;
    }

    /// <exception cref="JsonException">A frame is no JSON.</exception>
    private async Task<Measurement> ReadAsync(Stream stream, long asked, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(stream);
        var (first, last, tokens) = (0L, 0L, 0);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!line.StartsWith("data:", StringComparison.Ordinal)) continue;
            var data = line[5..].Trim();
            if (data == "[DONE]") break;
            if (!HasText(data)) continue;
            last = time.GetTimestamp();
            if (tokens++ == 0) first = last;
        }

        if (tokens == 0) return Measurement.Failed("it answered without a token");
        var span = time.GetElapsedTime(first, last);
        return new(null, time.GetElapsedTime(asked, first), tokens > 2 && span > TimeSpan.Zero ? (tokens - 1) / Math.Max(span.TotalSeconds, s_shortest.TotalSeconds) : null, tokens);
    }

    private static bool HasText(string frame)
    {
        using var json = JsonDocument.Parse(frame);
        if (json.RootElement.ValueKind != JsonValueKind.Object) throw new JsonException("a frame is no object");
        if (json.RootElement.TryGetProperty("error", out var error)) throw new JsonException($"an error in its answer: {error}");
        if (!json.RootElement.TryGetProperty("choices", out var choices) || choices.ValueKind != JsonValueKind.Array) return false;
        foreach (var choice in choices.EnumerateArray())
        {
            if (IsText(choice, "text")) return true;
            if (choice.TryGetProperty("delta", out var delta) && (IsText(delta, "content") || IsText(delta, "reasoning_content") || IsText(delta, "reasoning"))) return true;
        }

        return false;
    }

    private static bool IsText(JsonElement map, string name) => map.ValueKind == JsonValueKind.Object && map.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString()!.Length > 0;
}
