using System.Net.Sockets;
using System.Security.Authentication;
using Helix.Core.Clouds;
using Helix.Core.Fleet;

namespace Helix.Clouds;

/// <summary>Asks a cloud for its list of models, which costs nothing.</summary>
internal sealed class CloudLook(CloudTrust trust, CloudDial dial, TimeProvider time) : IDisposable
{
    private const int LongestAnswer = 4 << 20;

    /// <summary>Of Anthropic's own API; the list has the same form as OpenAI's, and comes in pages.</summary>
    private const string OwnVersion = "2023-06-01", OwnQuery = "?limit=1000";

    /// <summary>More than so many nobody has models for.</summary>
    private const int MostPages = 10;

    private readonly HttpClient _client = ClientOf(trust, dial);

    /// <returns>What it said; or why it was not asked, or said nothing.</returns>
    public async Task<(Heard Said, string? Trouble)> ModelsAsync(CloudAddress address, CloudWords words, Secret key, CancellationToken cancellationToken)
    {
        if (dial.IsOffline) return (Heard.Nothing, CloudTrouble.Offline);
        using var limit = new CancellationTokenSource(CloudTrouble.Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            if (words == CloudWords.OpenAi) return (await AskAsync(address, words, key, "", both.Token), null);
            var said = await AskAsync(address, words, key, OwnQuery, both.Token);
            for (var page = 1; page < MostPages && ModelPages.After(said) is { } last; page++)
            {
                var next = await AskAsync(address, words, key, $"{OwnQuery}&after_id={Uri.EscapeDataString(last)}", both.Token);
                if (!next.IsOk) return (next, null);
                said = ModelPages.Joined(said, next);
            }

            return (said, null);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or SocketException or AuthenticationException or InvalidOperationException || (broken is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return (Heard.Nothing, CloudTrouble.Words(address, broken, dial.ProxyFor(address)));
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<Heard> AskAsync(CloudAddress address, CloudWords words, Secret key, string query, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{address.Url}/models{query}");
        request.Headers.TryAddWithoutValidation("User-Agent", "helix");
        if (words == CloudWords.Anthropic)
        {
            request.Headers.TryAddWithoutValidation("x-api-key", key.Reveal());
            request.Headers.TryAddWithoutValidation("anthropic-version", OwnVersion);
        }
        else
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key.Reveal()}");
        }

        using var response = await _client.SendAsync(request, cancellationToken);
        return new((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>It goes where requests for answers go, through the same proxy or none.</summary>
    private static HttpClient ClientOf(CloudTrust trust, CloudDial dial) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectTimeout = CloudTrouble.Patience,
        SslOptions = trust.Options(null),
        ConnectCallback = async (context, cancellationToken) => new NetworkStream(await dial.LineAsync(new(context.DnsEndPoint.Host, context.DnsEndPoint.Port, ""), cancellationToken), ownsSocket: true),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = LongestAnswer,
    };
}
