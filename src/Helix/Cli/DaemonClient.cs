using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Helix.Contracts;

namespace Helix.Cli;

/// <summary>Speaks to the daemon over its unix socket. A daemon that is just being replaced gets a second to come back.</summary>
internal sealed class DaemonClient : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private readonly Func<string?> _socket;
    private readonly Func<KeeperTrouble?>? _trouble;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _http;

    /// <param name="trouble">Why nobody answers although helix runs, for when nobody does.</param>
    public DaemonClient(Func<string?> socket, TimeProvider time, Func<KeeperTrouble?>? trouble = null)
    {
        (_socket, _time, _trouble) = (socket, time, trouble);
        _http = new(new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            PooledConnectionLifetime = TimeSpan.Zero,
        });
    }

    public Task<Answer<T>> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        AskSoonAsync(HttpMethod.Get, path, null, type, cancellationToken);

    public Task<Answer<T>> DeleteAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        AskSoonAsync(HttpMethod.Delete, path, null, type, cancellationToken);

    public Task<Answer<T>> PostAsync<T>(string path, byte[]? body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        AskSoonAsync(HttpMethod.Post, path, body, type, cancellationToken);

    public Task<Answer<T>> PutAsync<T>(string path, byte[] body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        AskSoonAsync(HttpMethod.Put, path, body, type, cancellationToken);

    /// <summary>For wishes whose answer may take minutes.</summary>
    public Task<Answer<T>> PostPatientlyAsync<T>(string path, byte[]? body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Post, path, body, type, cancellationToken);

    /// <summary>For answers that come in pieces: the caller reads, and disposes, the response, whatever its status is.</summary>
    public Task<Answer<HttpResponseMessage>> OpenAsync(HttpMethod method, string path, byte[]? body, CancellationToken cancellationToken) =>
        OpenAsync(method, path, body, lastEvent: null, cancellationToken);

    /// <summary>For streams of events.</summary>
    /// <param name="lastEvent">Id of the last one that was seen, so that what came since is sent; null for a newcomer.</param>
    public Task<Answer<HttpResponseMessage>> FollowAsync(string path, string? lastEvent, CancellationToken cancellationToken) =>
        OpenAsync(HttpMethod.Get, path, body: null, lastEvent, cancellationToken);

    private async Task<Answer<HttpResponseMessage>> OpenAsync(HttpMethod method, string path, byte[]? body, string? lastEvent, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        while (true)
        {
            if (_socket() is null) return Nobody();
            try
            {
                return new Answer<HttpResponseMessage>.Is(await _http.SendAsync(Request(method, path, body, lastEvent), cancellationToken));
            }
            catch (HttpRequestException) when (_time.GetElapsedTime(started) >= s_grace)
            {
                return Nobody();
            }
            catch (HttpRequestException lost) when (lost.HttpRequestError == HttpRequestError.ConnectionError || method == HttpMethod.Get)
            {
                await Task.Delay(s_pause, _time, cancellationToken); // nobody is behind the socket: a new daemon may be on its way
            }
            catch (HttpRequestException)
            {
                return new Answer<HttpResponseMessage>.Refused(new("lost", "the daemon went away before it answered", "it comes back by itself; look with: helix status"));
            }
        }
    }

    /// <summary>The error in a response that is not a success.</summary>
    public static async Task<ApiError> ErrorOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            if (JsonSerializer.Deserialize(body, ApiJson.Default.ApiErrorBody) is { } known) return known.Error;
        }
        catch (JsonException)
        {
            // not one of helix's own errors: its status is all there is to say
        }

        return new((int)response.StatusCode == 404 ? "not_found" : "internal", $"the daemon answered {(int)response.StatusCode} {response.ReasonPhrase}");
    }

    private Answer<HttpResponseMessage> Nobody() => _trouble?.Invoke() is { } trouble
        ? new Answer<HttpResponseMessage>.Refused(new("cut_off", trouble.Reason, trouble.Remedy))
        : new Answer<HttpResponseMessage>.NotRunning();

    private async Task<Answer<T>> AskSoonAsync<T>(HttpMethod method, string path, byte[]? body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(s_patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await AskAsync(method, path, body, type, either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new Answer<T>.Refused(new("timeout", $"helix runs, but its daemon did not answer within {s_patience.TotalSeconds:0} s", "see logs/helix in its home; \"helix restart --engines\" starts everything anew"));
        }
    }

    private async Task<Answer<T>> AskAsync<T>(HttpMethod method, string path, byte[]? body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        switch (await OpenAsync(method, path, body, cancellationToken))
        {
            case Answer<HttpResponseMessage>.Is(var response):
                using (response)
                {
                    if (!response.IsSuccessStatusCode) return new Answer<T>.Refused(await ErrorOfAsync(response, cancellationToken));
                    await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
                    return await JsonSerializer.DeserializeAsync(stream, type, cancellationToken) is { } value
                        ? new Answer<T>.Is(value)
                        : new Answer<T>.Refused(new("internal", "the daemon's answer is empty"));
                }

            case Answer<HttpResponseMessage>.Refused(var error): return new Answer<T>.Refused(error);
            default: return new Answer<T>.NotRunning();
        }
    }

    // a wish always has a body, an empty one if need be: the handler repeats requests without one by itself when the connection is lost
    private static HttpRequestMessage Request(HttpMethod method, string path, byte[]? body, string? lastEvent)
    {
        var request = new HttpRequestMessage(method, $"http://helix{path}")
        {
            Content = method == HttpMethod.Get ? null : new ByteArrayContent(body ?? []) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        if (lastEvent is not null) request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEvent);
        return request;
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socket() ?? throw new SocketException((int)SocketError.ConnectionRefused)), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => _http.Dispose();
}
