using System.Net.Sockets;
using System.Text;

namespace Helix.EndToEnd.Harness;

/// <summary>Bytes that no well-behaved client would send.</summary>
internal static class RawRequest
{
    /// <summary>Sends a head and then a body of so many zeros, until an answer comes or the door is shut.</summary>
    /// <returns>The answer's first line; empty if there was none.</returns>
    public static async Task<string> SendAsync(Uri address, string head, int body = 0)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var socket = new TcpClient();
        await socket.ConnectAsync(address.Host, address.Port, cancellationToken);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), cancellationToken);
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        var answer = reader.ReadLineAsync(cancellationToken).AsTask();
        var piece = new byte[1 << 20];
        try
        {
            for (; body > 0 && !answer.IsCompleted; body -= piece.Length)
                await stream.WriteAsync(piece.AsMemory(0, Math.Min(body, piece.Length)), cancellationToken);
        }
        catch (IOException)
        {
            // shut in mid-body; the answer may have come before
        }

        return await answer ?? "";
    }
}
