using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Helix.EndToEnd.Harness;

/// <summary>An answer that was read whole.</summary>
internal sealed record Reply(int Status, HttpResponseHeaders Headers, string Body)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;

    public string? ErrorCode => (string?)Json["error"]?["code"];

    public Reply Is(int status)
    {
        Assert.True(Status == status, $"expected {status}: {this}");
        return this;
    }

    /// <summary>An error of OpenAI's shape, with a message that says something about each of these.</summary>
    public Reply IsError(int status, string? code, params string[] words)
    {
        Is(status);
        var error = Json["error"];
        Assert.True(error?["message"] is not null && error["type"] is not null, $"expected an error in OpenAI's shape: {this}");
        if (code is not null) Assert.True(ErrorCode == code, $"expected the code {code}: {this}");
        foreach (var word in words)
            Assert.True(((string)error["message"]!).Contains(word, StringComparison.OrdinalIgnoreCase), $"expected '{word}' in the message: {this}");
        return this;
    }

    public override string ToString() => $"{Status} {Body}";
}

/// <summary>HTTP to helix, a new connection for each request.</summary>
internal sealed class Gateway
{
    private readonly HttpClient _http;

    /// <param name="socket">A unix socket instead of the address's host and port.</param>
    public Gateway(Uri address, string? socket = null)
    {
        Address = address;
        var handler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero, UseProxy = false };
        if (socket is not null)
            handler.ConnectCallback = async (_, cancellationToken) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
                return new NetworkStream(connection, ownsSocket: true);
            };
        _http = new HttpClient(handler) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
    }

    public Uri Address { get; }

    public Task<Reply> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    public Task<Reply> PostAsync(string path, string json, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, new StringContent(json, Encoding.UTF8, "application/json"), headers);

    public async Task<Reply> SendAsync(HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = Request(method, path, content, headers);
        using var response = await _http.SendAsync(request);
        return new Reply((int)response.StatusCode, response.Headers, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Opens a stream of events; the caller reads it.</summary>
    public async Task<EventStream> StreamAsync(string path, string json, params (string Name, string Value)[] headers)
    {
        using var request = Request(HttpMethod.Post, path, new StringContent(json, Encoding.UTF8, "application/json"), headers);
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return new EventStream(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    /// <summary>Follows a stream of what changes; the caller reads it.</summary>
    public async Task<LiveEvents> FollowAsync(string path)
    {
        using var request = Request(HttpMethod.Get, path, null, []);
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
        return new LiveEvents(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path) { Content = content };
        // a test that asks twice means an engine twice, but where it is about memory
        if (headers.All(header => header.Name != "x-helix-cache")) request.Headers.Add("x-helix-cache", "off");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }
}
