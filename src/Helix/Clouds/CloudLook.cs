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

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, SslOptions = trust.Options(null) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = LongestAnswer,
    };

    /// <returns>What it said; or why it was not asked, or said nothing.</returns>
    public async Task<(Heard Said, string? Trouble)> ModelsAsync(CloudAddress address, Secret key, CancellationToken cancellationToken)
    {
        if (dial.IsOffline) return (Heard.Nothing, CloudTrouble.Offline);
        using var limit = new CancellationTokenSource(CloudTrouble.Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var own = CloudProduct.At(address) is { ListsItsOwnWay: true };
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{address.Url}/models{(own ? OwnQuery : "")}");
            request.Headers.TryAddWithoutValidation("User-Agent", "helix");
            if (own)
            {
                request.Headers.TryAddWithoutValidation("x-api-key", key.Reveal());
                request.Headers.TryAddWithoutValidation("anthropic-version", OwnVersion);
            }
            else
            {
                request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key.Reveal()}");
            }

            using var response = await _client.SendAsync(request, both.Token);
            return (new((int)response.StatusCode, await response.Content.ReadAsStringAsync(both.Token)), null);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or SocketException or AuthenticationException or InvalidOperationException || (broken is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return (Heard.Nothing, CloudTrouble.Words(address, broken));
        }
    }

    public void Dispose() => _client.Dispose();
}
