using System.Net.Sockets;
using System.Text;

namespace Helix.EndToEnd.Harness;

/// <summary>Bytes that no well-behaved client would send.</summary>
internal static class RawRequest
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

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

    /// <summary>Sends bytes and reads until the door is shut, which has to happen.</summary>
    /// <param name="latin1">Each letter is the byte of the same number.</param>
    /// <returns>All that came, in the same way.</returns>
    public static async Task<string> TalkAsync(Uri address, string latin1)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(s_patience);
        using var socket = new TcpClient();
        await socket.ConnectAsync(address.Host, address.Port, limit.Token);
        var stream = socket.GetStream();
        var answer = new StringBuilder();
        var buffer = new byte[16 << 10];
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(latin1), limit.Token);
            while (await stream.ReadAsync(buffer, limit.Token) is > 0 and var count) answer.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
        catch (IOException)
        {
            // shut while there was more to be sent
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            Assert.Fail($"neither ended nor shut within {s_patience.TotalSeconds} s: {latin1[..Math.Min(latin1.Length, 500)]}\n{answer}");
        }

        return answer.ToString();
    }
}
