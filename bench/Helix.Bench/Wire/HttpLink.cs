using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Helix.Bench.Wire;

/// <summary>
/// One kept-alive connection of a client that blocks: one thread, one system call for what came, and the time right after it.
/// Nothing else stands between the wire and the clock.
/// </summary>
internal sealed class HttpLink(Place place) : IDisposable
{
    private readonly byte[] _buffer = new byte[256 << 10];
    private readonly Socket _socket = place.Connect();

    public void Dispose() => _socket.Dispose();

    public Answer Get(string path) => Ask($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");

    /// <summary>Asks an engine, whatever helix may remember of an earlier answer.</summary>
    /// <param name="key">Sent as bearer token; null for none.</param>
    public Answer Post(string path, string json, string? key = null) => Ask(Question(path, json, key));

    /// <summary>Asks, and is gone before it has the answer, or in the middle of it. The link is of no use after that.</summary>
    /// <param name="share">Of the request, that is sent at all.</param>
    /// <param name="patience">For so long it listens then.</param>
    /// <param name="isAbrupt">The connection is broken off instead of being closed.</param>
    public void Leave(string path, string json, double share, TimeSpan patience, bool isAbrupt)
    {
        var bytes = Encoding.UTF8.GetBytes(Question(path, json, null));
        var begun = Stopwatch.GetTimestamp();
        for (int sent = 0, all = (int)(share * bytes.Length); sent < all;) sent += _socket.Send(bytes.AsSpan(sent, all - sent));
        while (patience - Stopwatch.GetElapsedTime(begun) is { Ticks: > 0 } left && _socket.Poll((int)left.TotalMicroseconds, SelectMode.SelectRead))
            if (_socket.Receive(_buffer) == 0) break;
        if (isAbrupt) _socket.LingerState = new LingerOption(true, 0);
        Dispose();
    }

    private static string Question(string path, string json, string? key) =>
        $"POST {path} HTTP/1.1\r\nHost: localhost\r\n{(key is null ? "" : $"Authorization: Bearer {key}\r\n")}X-Helix-Cache: off\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(json).ToString(CultureInfo.InvariantCulture)}\r\n\r\n{json}";

    private Answer Ask(string request)
    {
        var bytes = Encoding.UTF8.GetBytes(request);
        var answer = new Answer(Stopwatch.GetTimestamp());
        for (var sent = 0; sent < bytes.Length;) sent += _socket.Send(bytes.AsSpan(sent));
        while (!answer.IsWhole)
        {
            var count = _socket.Receive(_buffer);
            if (!answer.Take(_buffer.AsSpan(0, count), Stopwatch.GetTimestamp())) throw new IOException($"{place} closed the connection in the middle of an answer.");
        }

        return answer;
    }
}
