using System.Net.Sockets;
using System.Text.Json;

namespace Helix.Processes;

/// <summary>Somebody who talks to the keeper. Nothing here ever waits: a partner that does not read, or talks without end, is dropped.</summary>
internal sealed class KeeperConnection(Socket socket) : IDisposable
{
    private const int LongestLine = 1 << 20;
    private const int MostUnsent = 4 << 20;

    private readonly List<byte> _unread = [];
    private readonly List<byte> _unsent = [];

    public int Descriptor { get; } = (int)socket.SafeHandle.DangerousGetHandle();

    public bool Watches { get; set; }

    public bool IsBroken { get; private set; }

    public bool HasUnsent => _unsent.Count > 0;

    /// <summary>The whole lines that have come, without their ends.</summary>
    public IEnumerable<byte[]> Receive()
    {
        var buffer = new byte[16 << 10];
        while (!IsBroken)
        {
            var count = socket.Receive(buffer, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock)
                break;
            if (error != SocketError.Success || count == 0)
            {
                IsBroken = true;
                break;
            }

            foreach (var octet in buffer.AsSpan(0, count))
                _unread.Add(octet);
            if (_unread.Count > LongestLine)
                IsBroken = true;
        }

        for (int end; (end = _unread.IndexOf((byte)'\n')) >= 0;)
        {
            var line = _unread.GetRange(0, end).ToArray();
            _unread.RemoveRange(0, end + 1);
            yield return line;
        }
    }

    /// <summary>Goes out with the next flush: what an answer promises is written down first.</summary>
    public void Send(KeeperReply reply)
    {
        _unsent.AddRange(JsonSerializer.SerializeToUtf8Bytes(reply, KeeperJson.Default.KeeperReply));
        _unsent.Add((byte)'\n');
        if (_unsent.Count > MostUnsent)
            IsBroken = true;
    }

    public void Flush()
    {
        while (_unsent.Count > 0 && !IsBroken)
        {
            var count = socket.Send(_unsent.ToArray(), SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock)
                return;
            if (error != SocketError.Success)
                IsBroken = true;
            else
                _unsent.RemoveRange(0, count);
        }
    }

    public void Dispose() => socket.Dispose();
}
