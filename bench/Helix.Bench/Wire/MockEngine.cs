using System.Buffers.Text;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Helix.Bench.Peers;

namespace Helix.Bench.Wire;

/// <summary>
/// Stands where an engine would: answers each chat with <c>max_tokens</c> events, one each <c>seed</c> microseconds, at once if that is 0.
/// It computes nothing, so that what is measured is only what stands between it and the client. Runs as a process of its own.
/// </summary>
internal static class MockEngine
{
    /// <summary>In every answer: who answered is never in doubt.</summary>
    public const string Mark = "bench-mock";

    private static readonly byte[] s_event = Chunk(
        $$$"""data: {"id":"chatcmpl-0000000000000000","object":"chat.completion.chunk","created":1750000000,"model":"{{{Mark}}}","system_fingerprint":"{{{Mark}}}","choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}]}""" + "\n\n");

    private static readonly byte[] s_end = Chunk(
        $$$"""data: {"id":"chatcmpl-0000000000000000","object":"chat.completion.chunk","created":1750000000,"model":"{{{Mark}}}","system_fingerprint":"{{{Mark}}}","choices":[{"index":0,"delta":{},"finish_reason":"length"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}""" + "\n\ndata: [DONE]\n\n");

    /// <param name="path">Of the socket.</param>
    /// <param name="model">The one it claims to serve.</param>
    public static int Run(string path, string model)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(128);
        while (true)
        {
            var socket = listener.Accept();
            new Thread(() => Serve(socket, model)) { IsBackground = true }.Start();
        }
    }

    private static void Serve(Socket socket, string model)
    {
        var buffer = new byte[1 << 20];
        try
        {
            using (socket)
            {
                while (ReadRequest(socket, buffer) is { } request) Answer(socket, model, request);
            }
        }
        catch (SocketException)
        {
            // the client has left, as clients may
        }
    }

    private static void Answer(Socket socket, string model, Request request)
    {
        if (!request.IsChat)
        {
            var text = $$"""{"object":"list","data":[{"id":"{{model}}","object":"model"}],"served_by":"{{Mark}}"}""";
            Send(socket, Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {text.Length}\r\n\r\n{text}"));
            return;
        }

        Send(socket, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n"u8);
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < request.Events; i++)
        {
            var due = TimeSpan.FromMicroseconds((double)request.Pace * i) - Stopwatch.GetElapsedTime(begun);
            if (due > TimeSpan.FromMilliseconds(0.5)) Child.Pause(due);
            Send(socket, s_event);
        }

        Send(socket, s_end);
        Send(socket, "0\r\n\r\n"u8);
    }

    private static Request? ReadRequest(Socket socket, byte[] buffer)
    {
        var length = 0;
        while (true)
        {
            var count = socket.Receive(buffer.AsSpan(length));
            if (count == 0) return null;
            length += count;
            var all = buffer.AsSpan(0, length);
            var head = all.IndexOf("\r\n\r\n"u8);
            if (head < 0) continue;
            var wanted = Encoding.ASCII.GetString(all[..head]).Split("\r\n").FirstOrDefault(line => line.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase)) is { } line
                ? int.Parse(line.AsSpan(15), System.Globalization.CultureInfo.InvariantCulture)
                : 0;
            if (length < head + 4 + wanted) continue;
            var body = all[(head + 4)..];
            return new Request(all.StartsWith("POST"u8), Number(body, "\"max_tokens\":"u8), Number(body, "\"seed\":"u8));
        }
    }

    private static int Number(ReadOnlySpan<byte> json, ReadOnlySpan<byte> key)
    {
        var at = json.IndexOf(key);
        return at >= 0 && Utf8Parser.TryParse(json[(at + key.Length)..], out int value, out _) ? value : 0;
    }

    private static byte[] Chunk(string text) => Encoding.UTF8.GetBytes($"{text.Length:X}\r\n{text}\r\n");

    private static void Send(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[socket.Send(bytes)..];
    }

    /// <param name="Pace">Microseconds between two events.</param>
    private sealed record Request(bool IsChat, int Events, int Pace);
}
