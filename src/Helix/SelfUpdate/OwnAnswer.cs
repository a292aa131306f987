using System.Net.Sockets;
using System.Text.Json;
using Helix.Processes;

namespace Helix.SelfUpdate;

/// <summary>Asks helix's own API on its socket, as the command line would, who answers there.</summary>
internal static class OwnAnswer
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <returns>The pid of the daemon that answered; null where none did.</returns>
    public static async Task<int?> PidAsync(RunFolder folder, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(folder.Socket), token);
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
            Timeout = s_patience,
        };
        try
        {
            using var json = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri("http://helix/helix/v1/status"), cancellationToken));
            return json.RootElement.TryGetProperty("pid", out var pid) && pid.TryGetInt32(out var number) ? number : null;
        }
        catch (Exception nobody) when (nobody is HttpRequestException or JsonException || (nobody is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}
