using System.Net;
using System.Net.Sockets;
using Helix.Core.Fleet;
using Helix.Processes;

namespace Helix.Fleet;

/// <summary>What a look at an address found.</summary>
internal abstract record AttachSight
{
    private AttachSight() { }

    internal sealed record Nobody : AttachSight;

    /// <summary>Something takes connections, and says nothing.</summary>
    internal sealed record Silent : AttachSight;

    /// <summary>Something listens; it is no engine that helix can use.</summary>
    internal sealed record Stranger : AttachSight;

    /// <param name="Product">Null: unknown, but it lists models as OpenAI does.</param>
    /// <param name="Models">Its answer at <c>/v1/models</c>.</param>
    internal sealed record Engine(string Endpoint, string? Product, string? Release, Heard Models) : AttachSight;
}

/// <summary>Asks whoever listens at an address who it is, and for its models. Only GETs, and little is read.</summary>
internal sealed class AttachLook(TimeProvider time) : IDisposable
{
    private const int LongestAnswer = 4 << 20;

    /// <summary>Lower ids belong to the system's services.</summary>
    private const int FirstPerson = 1000;

    private static readonly string[] s_socketTables = ["/proc/net/tcp", "/proc/net/tcp6"];
    private static readonly TimeSpan s_connecting = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ConnectTimeout = s_patience })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = LongestAnswer,
    };

    /// <summary>Asks for everything: who it is, and its models.</summary>
    public async Task<AttachSight> WhoAsync(AttachAddress address, string? key, CancellationToken cancellationToken)
    {
        if (await EndpointAsync(address, cancellationToken) is not { } endpoint) return new AttachSight.Nobody();
        var heard = new Dictionary<string, Heard>(StringComparer.Ordinal);
        while (true)
        {
            switch (EngineIdentity.Next(heard))
            {
                case IdentityStep.Ask(var path):
                    heard[path] = await GetAsync(address, path, key, cancellationToken);
                    if (heard.Count > 1 || heard[path] != Heard.Nothing) continue;
                    // who has nothing to say at first, and no list of models, is not asked ten times more
                    heard[EngineIdentity.ModelsPath] = await GetAsync(address, EngineIdentity.ModelsPath, key, cancellationToken);
                    if (heard[EngineIdentity.ModelsPath] == Heard.Nothing) return new AttachSight.Silent();
                    continue;
                case IdentityStep.Known(var product, var release):
                    return new AttachSight.Engine(endpoint, product, release, await ModelsAsync());
                default:
                    var models = await ModelsAsync();
                    return AttachedModels.Of(models, default) is null && !models.IsLocked ? new AttachSight.Stranger() : new AttachSight.Engine(endpoint, null, null, models);
            }
        }

        async ValueTask<Heard> ModelsAsync() => heard.GetValueOrDefault(EngineIdentity.ModelsPath) ?? await GetAsync(address, EngineIdentity.ModelsPath, key, cancellationToken);
    }

    /// <summary>Only its models: it is known who it is.</summary>
    public Task<Heard> ModelsAsync(AttachAddress address, string? key, CancellationToken cancellationToken) => GetAsync(address, EngineIdentity.ModelsPath, key, cancellationToken);

    /// <summary>Address and port where it takes connections; null: it takes none.</summary>
    public async Task<string?> EndpointAsync(AttachAddress address, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(address.IsLoopback ? s_connecting : s_patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var addresses = IPAddress.TryParse(address.Host, out var given) ? [given] : await Dns.GetHostAddressesAsync(address.Host, both.Token);
            foreach (var place in addresses.Select(each => new IPEndPoint(each, address.Port).ToString()))
            {
                try
                {
                    using var socket = await EngineEndpoint.ConnectAsync(place, both.Token);
                    return place;
                }
                catch (SocketException)
                {
                    // the next one
                }
            }
        }
        catch (Exception silent) when (silent is SocketException || (silent is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // as good as nobody
        }

        return null;
    }

    /// <summary>
    /// False where another person on this machine listens at the port: he would be sent this user's requests. The system's own users run services for all.
    /// Where the owner cannot be told, it is taken for ours.
    /// </summary>
    public static bool IsOursOrTheSystems(int port)
    {
        if (!OperatingSystem.IsLinux()) return true;
        try
        {
            var owners = s_socketTables.Where(File.Exists).SelectMany(table => SocketTable.OwnersOf(File.ReadAllText(table), port));
            return owners.All(owner => owner < FirstPerson || owner == NativeLibc.UserId());
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<Heard> GetAsync(AttachAddress address, string path, string? key, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(s_patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address.Url + path);
            if (key is not null) request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
            using var response = await _client.SendAsync(request, both.Token);
            return new((int)response.StatusCode, await response.Content.ReadAsStringAsync(both.Token));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidOperationException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return Heard.Nothing;
        }
    }
}
