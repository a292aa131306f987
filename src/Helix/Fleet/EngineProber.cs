using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Helix.Core.Fleet;

namespace Helix.Fleet;

/// <summary>Looks at an engine that speaks the built-in engine's dialect on a unix socket.</summary>
internal sealed class EngineProber(InstanceSpec spec, ITokenWatch tokens, TimeProvider time) : IProber
{
    private static readonly TimeSpan s_endpointPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_canaryPatience = TimeSpan.FromSeconds(20);

    private static readonly string[] s_work = ["helix_engine_prompt_tokens_total ", "helix_engine_completion_tokens_total ", "helix_engine_step_seconds_count "];

    /// <summary>A request may spend this long in one batch of a long prompt on a slow machine before silence counts.</summary>
    private static readonly TimeSpan s_stallPatience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(spec.Socket), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    })
    {
        BaseAddress = new Uri("http://engine"),
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private DateTimeOffset? _lastLook;
    private DateTimeOffset? _stalledSince;
    private string? _lastWork;

    public async Task<Verdict> LookAsync(DateTimeOffset runsSince, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (inFlight, lastToken) = tokens.Of(spec.Name);
        var flow = lastToken is { } token && _lastLook is { } look && token > look && token > runsSince;
        var endpoint = await EndpointAsync(cancellationToken);
        var served = endpoint is EndpointReading.Ok ? await ServedModelAsync(cancellationToken) : null;
        var reading = endpoint is not EndpointReading.Ok || served != spec.Model || flow ? new TokenReading.Produced()
            : inFlight > 0 ? await BusyAsync(now, inFlight, cancellationToken)
            : await CanaryAsync(cancellationToken);
        if (inFlight == 0 || flow) _stalledSince = null;
        _lastLook = now;
        return Verdict.Of(endpoint, served, spec.Model, reading, flow);
    }

    public void Dispose() => _client.Dispose();

    /// <summary>An answer that is not streamed shows no token until its end, and a long prompt none at all: the engine's own count of its work tells.</summary>
    private async Task<TokenReading> BusyAsync(DateTimeOffset now, int inFlight, CancellationToken cancellationToken)
    {
        var work = await WorkAsync(cancellationToken);
        if (work != _lastWork) _stalledSince = null;
        _lastWork = work;
        _stalledSince ??= now;
        var silent = now - _stalledSince.Value;
        return silent < s_stallPatience
            ? new TokenReading.Produced()
            : new TokenReading.None($"no token for {silent.TotalSeconds:0} s while {inFlight} requests wait for one");
    }

    private async Task<EndpointReading> EndpointAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await SendAsync(new(HttpMethod.Get, "/health"), s_endpointPatience, cancellationToken);
            if (response.IsSuccessStatusCode) return new EndpointReading.Ok();
            using var body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            return body.RootElement.TryGetProperty("progress", out var progress) && progress.TryGetDouble(out var part)
                ? new EndpointReading.Loading(string.Create(CultureInfo.InvariantCulture, $"loading {spec.Model}: {part:P0}"))
                : new EndpointReading.Silent($"its health endpoint says {(int)response.StatusCode}");
        }
        catch (Exception e) when (IsSilence(e, cancellationToken))
        {
            return new EndpointReading.Silent(WordsFor(e));
        }
    }

    private async Task<string?> ServedModelAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await SendAsync(new(HttpMethod.Get, "/v1/models"), s_endpointPatience, cancellationToken);
            using var body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            return body.RootElement.GetProperty("data")[0].GetProperty("id").GetString();
        }
        catch (Exception e) when (IsSilence(e, cancellationToken) || e is KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>What the engine says of the tokens it has read and written; null if it does not say.</summary>
    private async Task<string?> WorkAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await SendAsync(new(HttpMethod.Get, "/metrics"), s_endpointPatience, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            return string.Join(' ', text.Split('\n').Where(line => s_work.Any(name => line.StartsWith(name, StringComparison.Ordinal))));
        }
        catch (Exception e) when (IsSilence(e, cancellationToken))
        {
            return null;
        }
    }

    private async Task<TokenReading> CanaryAsync(CancellationToken cancellationToken)
    {
        var (path, body) = spec.Abilities.HasFlag(ModelAbilities.Completion)
            ? ("/v1/completions", """{"prompt":"a","max_tokens":1,"temperature":0}""")
            : ("/v1/embeddings", """{"input":"a"}""");
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            using var response = await SendAsync(request, s_canaryPatience, cancellationToken);
            return response.IsSuccessStatusCode
                ? new TokenReading.Produced()
                : new TokenReading.None($"asked for one token, it answered {(int)response.StatusCode}");
        }
        catch (Exception e) when (IsSilence(e, cancellationToken))
        {
            return new TokenReading.None($"asked for one token, {WordsFor(e)}");
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        return await _client.SendAsync(request, both.Token);
    }

    private static bool IsSilence(Exception e, CancellationToken cancellationToken) =>
        e is HttpRequestException or JsonException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private static string WordsFor(Exception e) => e switch
    {
        OperationCanceledException => "it did not answer in time",
        HttpRequestException { InnerException: SocketException } => "nothing listens on its socket",
        _ => $"it did not answer properly ({e.Message})",
    };
}
