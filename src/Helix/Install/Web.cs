using System.Net;
using System.Net.Http.Headers;

namespace Helix.Install;

/// <summary>Sends requests: offline mode, mirrors, proxies of the environment, redirects and tokens are decided here and nowhere else.</summary>
internal sealed class Web : IDisposable
{
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>From the request to the end of the answer's headers.</summary>
    private static readonly TimeSpan s_headTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Lists, manifests and tokens have come whole by then.</summary>
    private static readonly TimeSpan s_smallTimeout = TimeSpan.FromSeconds(60);

    private const int MaxRedirects = 10;

    private static readonly HttpRequestError[] s_neverConnected =
        [HttpRequestError.NameResolutionError, HttpRequestError.ConnectionError, HttpRequestError.SecureConnectionError, HttpRequestError.ProxyTunnelError];

    private readonly DownloadOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _client;

    public Web(DownloadOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),
            UseCookies = false,
        });
    }

    /// <summary>Nothing may be fetched.</summary>
    public bool Offline => _options.Offline();

    /// <summary>The whole body of an answer that is read at once: a list, a manifest, a token.</summary>
    /// <param name="most">Bytes.</param>
    /// <exception cref="IOException">It did not come, or not in time.</exception>
    /// <exception cref="HttpRequestException">It broke off, or is larger.</exception>
    public async Task<byte[]> ReadAsync(HttpResponseMessage response, long most, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(s_smallTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await response.Content.LoadIntoBufferAsync(most, either.Token);
            return await response.Content.ReadAsByteArrayAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"the answer did not come whole within {s_smallTimeout.TotalSeconds:0} s");
        }
    }

    /// <summary>Sends and follows redirects as long as <paramref name="follow"/> wants; the body of the answer is still to be read.</summary>
    /// <param name="prepare">Adds headers; called once for every hop.</param>
    /// <param name="token">Goes to the host of <paramref name="url"/> only.</param>
    public async Task<WebAnswer> SendAsync(
        HttpMethod method, Uri url, Action<HttpRequestHeaders> prepare, string? token, Func<HttpResponseMessage, bool> follow, CancellationToken cancellationToken)
    {
        if (_options.Offline())
            return new WebAnswer.Silent(new(DownloadTrouble.Offline, $"helix is offline, so {url.Host} was not asked", "Set network.offline to false and unset HELIX_OFFLINE and HF_HUB_OFFLINE, or add a file with `helix models add FILE`."), false);

        url = Mirrored(url);
        var first = url;
        for (var hop = 0; hop <= MaxRedirects; hop++)
        {
            using var request = new HttpRequestMessage(method, url);
            request.Headers.UserAgent.ParseAdd("helix/0.1");
            if (token is not null && url.Authority == first.Authority && (url.Scheme == Uri.UriSchemeHttps || url.IsLoopback))
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            prepare(request.Headers);

            var response = default(HttpResponseMessage);
            try
            {
                using var late = new CancellationTokenSource(s_headTimeout, _time);
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
                response = await _client.SendAsync(request, limit.Token);
            }
            catch (HttpRequestException broken)
            {
                return NoAnswer(url, broken, connected: !s_neverConnected.Contains(broken.HttpRequestError));
            }
            catch (IOException broken)
            {
                return NoAnswer(url, broken, connected: true);
            }
            catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
            {
                return NoAnswer(url, late, connected: late.InnerException is not TimeoutException);
            }

            if (!IsRedirect(response) || response.Headers.Location is not { } next || !follow(response)) return new WebAnswer.Answered(response, url);
            response.Dispose();
            var target = new Uri(url, next);
            if (!MayFollow(url, target))
                return new WebAnswer.Silent(new(DownloadTrouble.Insecure, $"{url.Host} leads from {url.Scheme} to {target.Scheme} at {target.Host}; helix does not follow there", "Tell whoever runs that server, or fetch the file yourself and add it with `helix models add FILE`."), true);
            url = target;
        }

        return new WebAnswer.Silent(new(DownloadTrouble.Server, $"{first.Host} leads in circles", "Try again later."), true);
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Never from https to plain http, except within this machine, and never to anything else.</summary>
    internal static bool MayFollow(Uri from, Uri to) =>
        to.Scheme == Uri.UriSchemeHttps || (to.Scheme == Uri.UriSchemeHttp && (from.Scheme == Uri.UriSchemeHttp || (from.IsLoopback && to.IsLoopback)));

    /// <summary>Where an upstream address is really asked for: there, or at the mirror that the configuration names for it.</summary>
    public Uri Mirrored(Uri url)
    {
        foreach (var mirror in _options.Mirrors())
        {
            var (from, to) = (mirror[..mirror.IndexOf('=')].TrimEnd('/') + "/", mirror[(mirror.IndexOf('=') + 1)..].TrimEnd('/') + "/");
            if (url.AbsoluteUri.StartsWith(from, StringComparison.OrdinalIgnoreCase)) return new Uri(to + url.AbsoluteUri[from.Length..]);
        }

        return url;
    }

    private static bool IsRedirect(HttpResponseMessage response) => (int)response.StatusCode is 301 or 302 or 303 or 307 or 308;

    private static WebAnswer.Silent NoAnswer(Uri url, Exception cause, bool connected)
    {
        var reason = (connected, cause) switch
        {
            (true, OperationCanceledException) => $"{url.Authority} has not answered within {s_headTimeout.TotalSeconds:0} s",
            (true, _) => $"{url.Authority} broke the connection off",
            (_, OperationCanceledException) => $"{url.Authority} cannot be reached: no connection within {ConnectTimeout.TotalSeconds:0} s",
            (_, HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError }) => $"{url.Host} cannot be reached: its name is not known here",
            (_, HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }) => $"{url.Host} cannot be trusted: {cause.InnerException?.Message ?? cause.Message}",
            // the words of the cause have the proxy's password in them
            (_, HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError }) => $"{url.Authority} cannot be reached: the proxy did not lead there",
            _ => $"{url.Authority} cannot be reached: {cause.InnerException?.Message ?? cause.Message}",
        };
        return new WebAnswer.Silent(
            new(DownloadTrouble.Unreachable, reason, "Check the network and the proxy (HTTPS_PROXY), set HF_ENDPOINT to a mirror, or add a file with `helix models add FILE`."), connected);
    }
}
