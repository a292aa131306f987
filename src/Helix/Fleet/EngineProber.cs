using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Core.Manifests;

namespace Helix.Fleet;

/// <summary>Looks at an engine, in the way that its manifest says.</summary>
internal sealed class EngineProber(InstanceSpec spec, ITokenWatch tokens, TimeProvider time) : IProber
{
    /// <summary>For one token, of a process that has produced one.</summary>
    private static readonly string[] s_questions = ["a", "One, two, three, four,"];

    private static readonly TimeSpan s_canaryPatience = TimeSpan.FromSeconds(15);

    /// <summary>The same after one that stayed without an answer: with both, one that hangs is found within a minute.</summary>
    private static readonly TimeSpan s_secondPatience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_endpointPatience = TimeSpan.FromSeconds(2);

    /// <summary>For so long an engine may neither say nor compute anything while somebody waits for it.</summary>
    private static readonly TimeSpan s_stallPatience = TimeSpan.FromSeconds(45);

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (_, cancellationToken) => new NetworkStream(await EngineEndpoint.ConnectAsync(spec.Endpoint, cancellationToken), ownsSocket: true),
    })
    {
        BaseAddress = new Uri("http://localhost"),
        Timeout = Timeout.InfiniteTimeSpan,
        // one that is a helix itself would answer from memory
        DefaultRequestHeaders = { { CacheWish.Header, "off" } },
    };

    private readonly Work _work = new(time);
    private DateTimeOffset? _lastLook;
    private bool _wasSilent;

    /// <summary>Start of the process that was healthy last.</summary>
    private DateTimeOffset? _healthySince;

    public async Task<Verdict> LookAsync(int pid, DateTimeOffset runsSince, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var signs = tokens.Of(spec.Name);
        var (inFlight, lastToken, _) = signs;
        var flow = lastToken is { } token && _lastLook is { } look && token > look && token > runsSince;
        var endpoint = await EndpointAsync(cancellationToken);
        var served = endpoint is EndpointReading.Ok ? await ServedModelAsync(cancellationToken) : null;
        if (flow) _work.Progressed();
        var isComputing = _work.IsComputing(pid);
        TokenReading reading = flow ? new TokenReading.Produced()
            // one that was well may have no time for questions while it works for somebody
            : endpoint is EndpointReading.Silent && _healthySince == runsSince ? inFlight > 0 ? await BusyAsync(signs, isComputing, cancellationToken) : isComputing ? new TokenReading.Working() : new TokenReading.Produced()
            : endpoint is not EndpointReading.Ok || served != spec.UpstreamModel ? new TokenReading.Produced()
            : inFlight > 0 ? await BusyAsync(signs, isComputing, cancellationToken)
            : await CanaryAsync(pid, runsSince, cancellationToken);
        _lastLook = now;
        var verdict = Verdict.Of(endpoint, served, spec.UpstreamModel, reading, flow);
        if (verdict is Verdict.Healthy) _healthySince = runsSince;
        return verdict;
    }

    public void Dispose() => _client.Dispose();

    /// <summary>
    /// An answer that is not streamed shows no token until its end, and a long prompt none at all: the engine's own count of its work tells,
    /// or the time that processors spend on it.
    /// </summary>
    private async Task<TokenReading> BusyAsync(TokenSigns signs, bool isComputing, CancellationToken cancellationToken)
    {
        if (isComputing || _work.IsOther(await CountersAsync(cancellationToken))) return new TokenReading.Working();
        var silent = time.GetUtcNow() - (signs.LastToken > signs.BusySince ? signs.LastToken : signs.BusySince) ?? TimeSpan.Zero;
        if (_work.SinceProgress < silent) silent = _work.SinceProgress;
        return silent < s_stallPatience
            ? new TokenReading.Working()
            : new TokenReading.None($"no token for {silent.TotalSeconds:0} s while {signs.InFlight} {(signs.InFlight == 1 ? "request waits" : "requests wait")} for one");
    }

    private async Task<EndpointReading> EndpointAsync(CancellationToken cancellationToken)
    {
        try
        {
            var ready = spec.Probes.Ready ?? new ReadyProbe(spec.Probes.Listing.Path, 200);
            using var response = await SendAsync(new(HttpMethod.Get, ready.Path), s_endpointPatience, cancellationToken);
            if ((int)response.StatusCode == ready.Status) return new EndpointReading.Ok();
            return await ProgressAsync(response, cancellationToken) is { } part
                ? new EndpointReading.Loading(string.Create(CultureInfo.InvariantCulture, $"loading {spec.Model}: {part:P0}"))
                : new EndpointReading.Silent($"{ready.Path} says {(int)response.StatusCode}");
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException)
        {
            return new EndpointReading.Closed(WordsFor(e, s_endpointPatience));
        }
        catch (Exception e) when (IsSilence(e, cancellationToken))
        {
            return new EndpointReading.Silent(WordsFor(e, s_endpointPatience));
        }
    }

    /// <summary>How far it has come with loading, from 0 to 1; null where it does not say.</summary>
    private static async Task<double?> ProgressAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            using var body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            return body.RootElement.ValueKind == JsonValueKind.Object && body.RootElement.TryGetProperty("progress", out var progress) && progress.TryGetDouble(out var part) ? part : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The model that was asked for, if it is loaded; else what is.</summary>
    private async Task<string?> ServedModelAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await SendAsync(new(HttpMethod.Get, spec.Probes.Listing.Path), s_endpointPatience, cancellationToken);
            using var body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            var loaded = ListedModels.At(body.RootElement, spec.Probes.Listing.Field).ToArray();
            return loaded.Contains(spec.Probes.Listing.Value ?? spec.UpstreamModel) ? spec.UpstreamModel : loaded.FirstOrDefault();
        }
        catch (Exception e) when (IsSilence(e, cancellationToken))
        {
            return null;
        }
    }

    /// <summary>What the engine says of the tokens it has read and written; null if it does not say.</summary>
    private async Task<string?> CountersAsync(CancellationToken cancellationToken)
    {
        if (spec.Probes.Metrics is not { } names) return null;
        string[] wanted = [.. new[] { names.PromptTokens, names.GeneratedTokens, names.Steps }.OfType<string>()];
        try
        {
            using var response = await SendAsync(new(HttpMethod.Get, names.Path), s_endpointPatience, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            var lines = text.Split('\n').Where(line => wanted.Any(name => line.StartsWith(name, StringComparison.Ordinal))).ToArray();
            return lines.Length > 0 ? string.Join(' ', lines) : null;
        }
        catch (Exception e) when (IsSilence(e, cancellationToken))
        {
            return null;
        }
    }

    /// <summary>The first token of a process may cost it the reading of its model.</summary>
    private async Task<TokenReading> CanaryAsync(int pid, DateTimeOffset runsSince, CancellationToken cancellationToken)
    {
        var patience = _healthySince != runsSince ? spec.Steps.For(spec.ModelBytes).Canary : _wasSilent ? s_secondPatience : s_canaryPatience;
        try
        {
            // a model may have nothing to say to one question
            foreach (var question in s_questions)
            {
                var (path, body) = Canary(question);
                using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
                using var response = await SendAsync(request, patience, cancellationToken);
                _wasSilent = false;
                if ((int)response.StatusCode is 429 or 503 && _work.IsComputing(pid)) return new TokenReading.Working();
                if (!response.IsSuccessStatusCode) return new TokenReading.None($"asked for one token, it answered {(int)response.StatusCode}");
                // of a question of the manifest's own nobody knows the form of the answer
                if (spec.Probes.Canary is not null || CanaryAnswer.HasToken(await response.Content.ReadAsByteArrayAsync(cancellationToken), spec.Probes.EndIsToken)) return new TokenReading.Produced();
            }

            return new TokenReading.None("asked for one token, it answered without any");
        }
        catch (Exception e) when (IsSilence(e, cancellationToken))
        {
            // somebody may use it past the gateway
            if (e is OperationCanceledException && _healthySince == runsSince && _work.IsComputing(pid)) return new TokenReading.Working();
            _wasSilent = e is OperationCanceledException;
            return new TokenReading.None($"asked for one token, {WordsFor(e, patience)}");
        }
    }

    private (string Path, string Body) Canary(string question)
    {
        var model = JsonSerializer.Serialize(spec.UpstreamModel, ApiJson.Default.String);
        if (spec.Probes.Canary is { } own) return (own.Path, (own.Body ?? "").Replace("{model}", model, StringComparison.Ordinal));
        return spec.Abilities.HasFlag(ModelAbilities.Completion) && spec.Probes.Abilities.Contains("completions")
                ? ("/v1/completions", $$"""{"model":{{model}},"prompt":"{{question}}","max_tokens":1,"temperature":0}""")
            : spec.Abilities.HasFlag(ModelAbilities.Chat)
                ? ("/v1/chat/completions", $$"""{"model":{{model}},"messages":[{"role":"user","content":"{{question}}"}],"max_tokens":1,"temperature":0}""")
            : spec.Abilities.HasFlag(ModelAbilities.Rerank)
                ? ("/v1/rerank", $$"""{"model":{{model}},"query":"{{question}}","documents":["{{question}}"]}""")
            : ("/v1/embeddings", $$"""{"model":{{model}},"input":"{{question}}"}""");
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        if (spec.Key is { } key) request.Headers.Authorization = new("Bearer", key);
        return await _client.SendAsync(request, both.Token);
    }

    private static bool IsSilence(Exception e, CancellationToken cancellationToken) =>
        e is HttpRequestException or JsonException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private static string WordsFor(Exception e, TimeSpan patience) => e switch
    {
        OperationCanceledException => $"it did not answer within {patience.TotalSeconds:0} s",
        HttpRequestException { InnerException: SocketException } => "nothing listens there yet",
        _ => $"it did not answer properly ({e.Message})",
    };
}
