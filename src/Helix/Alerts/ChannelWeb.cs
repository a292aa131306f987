using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Helix.Clouds;
using Helix.Core.Alerts;
using Helix.Core.Clouds;

namespace Helix.Alerts;

/// <summary>What came of a request.</summary>
internal abstract record Posted
{
    private Posted() { }

    /// <param name="After">That it asked to wait; null for nothing.</param>
    /// <param name="Said">The beginning of its body.</param>
    internal sealed record Answered(int Status, TimeSpan? After, string Said) : Posted;

    /// <summary>Nobody answered, or nobody was asked.</summary>
    internal sealed record Silent(string Reason) : Posted;
}

/// <summary>
/// Posts messages of alerts: where nothing may leave this machine they wait, and they go where requests to clouds go, through the same proxy or none.
/// Each has a connection of its own: messages are rare, and one over a connection that has just died would have to be sent twice.
/// </summary>
internal sealed class ChannelWeb : IDisposable
{
    private const int MostBytes = 16 << 10;

    /// <summary>For the body of an answer whose status says already what came of it.</summary>
    private static readonly TimeSpan s_bodyTimeout = TimeSpan.FromSeconds(5);

    private readonly CloudTrust _trust;
    private readonly CloudDial _dial;
    private readonly TimeProvider _time;
    private readonly Lazy<HttpMessageInvoker> _client;

    public ChannelWeb(CloudTrust trust, CloudDial dial, TimeProvider time)
    {
        (_trust, _dial, _time) = (trust, dial, time);
        _client = new(Client);
    }

    /// <summary>Why nobody beyond this machine is told for now.</summary>
    public static string Offline => "helix is offline (network.offline, or HELIX_OFFLINE in its environment), so nothing is sent";

    /// <param name="body">JSON.</param>
    /// <param name="prepare">Adds headers.</param>
    /// <exception cref="OperationCanceledException">Cancelled: whether it arrived is not known.</exception>
    public async Task<Posted> PostAsync(ChannelAddress address, byte[] body, Action<HttpRequestHeaders> prepare, CancellationToken cancellationToken)
    {
        if (_dial.IsOffline && !address.IsHere) return new Posted.Silent(Offline);
        var place = new CloudAddress(address.Url.IdnHost.Trim('[', ']'), address.Url.Port, "");
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address.Url) { Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json", "utf-8") } } };
            request.Headers.TryAddWithoutValidation("User-Agent", "helix");
            prepare(request.Headers);
            using var response = await _client.Value.SendAsync(request, cancellationToken);
            return new Posted.Answered((int)response.StatusCode, AfterOf(response.Headers.RetryAfter), await SaidAsync(response, cancellationToken));
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or SocketException or AuthenticationException || (broken is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new Posted.Silent(CloudTrouble.Words(place, broken, IsEncrypted(address.Url) ? _dial.ProxyFor(place) : null));
        }
    }

    public void Dispose()
    {
        if (_client.IsValueCreated) _client.Value.Dispose();
    }

    private static bool IsEncrypted(Uri url) => url.Scheme == Uri.UriSchemeHttps;

    private HttpMessageInvoker Client() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectTimeout = CloudTrouble.Patience,
        PooledConnectionLifetime = TimeSpan.Zero,
        SslOptions = _trust.Options(null),
        ConnectCallback = ConnectAsync,
    });

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var place = context.DnsEndPoint;
        // without encryption only this machine is spoken to, and there no proxy is needed
        var socket = IsEncrypted(context.InitialRequestMessage.RequestUri!)
            ? await _dial.LineAsync(new(place.Host, place.Port, ""), cancellationToken)
            : await CloudDial.ConnectAsync(place.Host, place.Port, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private TimeSpan? AfterOf(RetryConditionHeaderValue? header) => header switch
    {
        { Delta: { } span } => span,
        { Date: { } moment } when moment - _time.GetUtcNow() is var span && span > TimeSpan.Zero => span,
        _ => null,
    };

    /// <summary>As much as came of it: that it did not come whole changes nothing of what its status says.</summary>
    private async Task<string> SaidAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(s_bodyTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        var (buffer, count) = (new byte[MostBytes], 0);
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(either.Token);
            while (count < buffer.Length && await stream.ReadAsync(buffer.AsMemory(count), either.Token) is > 0 and var more) count += more;
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException or OperationCanceledException)
        {
            // what has come counts
        }

        return Encoding.UTF8.GetString(buffer, 0, count);
    }
}
