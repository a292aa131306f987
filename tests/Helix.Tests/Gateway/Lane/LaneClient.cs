using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Helix.Tests.Gateway.Lane;

/// <summary>Says bytes, and reads answers that tell their length.</summary>
internal sealed class LaneClient(TcpClient connection) : IDisposable
{
    private readonly NetworkStream _stream = connection.GetStream();

    /// <summary>Of the answer that was read last.</summary>
    public string Head { get; private set; } = "";

    public static string Post(string body, string more = "") => $"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n{more}Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    public static string Get(string more = "") => $"GET /v1/models HTTP/1.1\r\nHost: x\r\n{more}\r\n";

    public async Task SayAsync(string latin1) => await _stream.WriteAsync(Encoding.Latin1.GetBytes(latin1), TestContext.Current.CancellationToken);

    public void SayNoMore() => connection.Client.Shutdown(SocketShutdown.Send);

    /// <returns>The body; null where the door was shut instead.</returns>
    public async Task<string?> HearAsync()
    {
        try
        {
            var head = new StringBuilder();
            while (!EndsHead(head))
            {
                if (await ByteAsync() is not { } letter) return null;
                head.Append(letter);
            }

            Head = head.ToString();
            var length = Head.Split("\r\n").First(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))["Content-Length:".Length..];
            var body = new byte[int.Parse(length, CultureInfo.InvariantCulture)];
            await _stream.ReadExactlyAsync(body, TestContext.Current.CancellationToken);
            return Encoding.Latin1.GetString(body);
        }
        catch (IOException)
        {
            return null;
        }
    }

    public async Task<string?> AskAsync(string latin1)
    {
        try
        {
            await SayAsync(latin1);
        }
        catch (IOException)
        {
            return null;
        }

        return await HearAsync();
    }

    /// <returns>All that comes until the door is shut.</returns>
    public async Task<string> ToEndAsync()
    {
        var all = new MemoryStream();
        try
        {
            await _stream.CopyToAsync(all, TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            // shut hard
        }

        return Encoding.Latin1.GetString(all.ToArray());
    }

    public void Dispose() => connection.Dispose();

    private static bool EndsHead(StringBuilder head) => head.Length >= 4 && head[^1] == '\n' && head[^2] == '\r' && head[^3] == '\n' && head[^4] == '\r';

    private async Task<char?> ByteAsync()
    {
        var one = new byte[1];
        return await _stream.ReadAsync(one, TestContext.Current.CancellationToken) == 0 ? null : (char)one[0];
    }
}
