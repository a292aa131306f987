using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Helix.Processes;

/// <summary>One connection to the keeper: a question, an answer, in turn.</summary>
internal sealed class KeeperLine : IDisposable
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(5);

    private readonly NetworkStream _stream;
    private readonly StreamReader _reader;

    private KeeperLine(Socket socket)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new StreamReader(_stream, s_utf8);
    }

    /// <param name="patience">How long to go on trying while nobody answers: a keeper that died is followed by another.</param>
    /// <exception cref="KeeperGoneException">There is none.</exception>
    public static async Task<KeeperLine> OpenAsync(RunFolder folder, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        while (true)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(folder.KeeperSocket), cancellationToken);
                return new KeeperLine(socket);
            }
            catch (Exception exception)
            {
                socket.Dispose();
                if (exception is not SocketException)
                    throw;
                if (time.GetElapsedTime(begun) >= patience)
                    throw new KeeperGoneException(exception);
            }

            await Task.Delay(s_pace, time, cancellationToken);
        }
    }

    /// <exception cref="KeeperGoneException">The keeper ended before it answered; what was asked may have been done.</exception>
    public async Task<KeeperReply> AskAsync(KeeperRequest request, CancellationToken cancellationToken)
    {
        try
        {
            byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(request, KeeperJson.Default.KeeperRequest), (byte)'\n'];
            await _stream.WriteAsync(line, cancellationToken);
        }
        catch (IOException exception)
        {
            throw new KeeperGoneException(exception);
        }

        return await NextAsync(cancellationToken);
    }

    /// <exception cref="KeeperGoneException">The keeper ended.</exception>
    public async Task<KeeperReply> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await _reader.ReadLineAsync(cancellationToken) is { } line && JsonSerializer.Deserialize(line, KeeperJson.Default.KeeperReply) is { } reply)
                return reply;
        }
        catch (IOException exception)
        {
            throw new KeeperGoneException(exception);
        }

        throw new KeeperGoneException();
    }

    public void Dispose()
    {
        _reader.Dispose();
        _stream.Dispose();
    }
}

/// <summary>There is no keeper at the other end, now or any more.</summary>
internal sealed class KeeperGoneException(Exception? inner = null) : IOException("The keeper does not answer.", inner);
