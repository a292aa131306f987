using System.Net;
using System.Net.Sockets;
using System.Text;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Gateway;
using Helix.Gateway.Lane;

namespace Helix.Tests.Gateway;

/// <summary>Answers of an engine as they arrive, over .NET's sockets and over the lane's.</summary>
public sealed class UpstreamConnectionTests : IDisposable
{
    private readonly LaneLoop? _loop = LaneLoop.IsSupported ? new(TimeProvider.System) : null;

    public void Dispose() => _loop?.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_may_come_in_pieces_of_any_kind(bool onLane)
    {
        var (connection, engine) = Pair(onLane);
        using (engine)
        using (connection)
        {
            for (var round = 0; round < 3; round++)
            {
                await AskAsync(connection, engine);
                var answering = AnswerAsync(connection);
                foreach (var piece in (string[])["HTTP/1.1 100 Con", "tinue\r\n\r\nHTTP/1.1 2", "00 OK\r\ncontent-length: 6\r\n\r", "\nab", "cd", "ef"])
                    await engine.SendAsync(Encoding.ASCII.GetBytes(piece));

                Assert.Equal((200, "abcdef", BodyProgress.Complete), await answering.WaitAsync(Eventually.Limit));
                Assert.True(connection.CanBeReused);
                connection.GiveBack();
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_ends_with_its_connection_ends_well_and_any_other_dies_of_it(bool onLane)
    {
        foreach (var (head, end) in ((string, BodyProgress)[])[("", BodyProgress.Complete), ("content-length: 4\r\n", BodyProgress.Died)])
        {
            var (connection, engine) = Pair(onLane);
            using (connection)
            {
                await AskAsync(connection, engine);
                await engine.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{head}\r\nab"));
                engine.Dispose();

                Assert.Equal((200, "ab", end), await AnswerAsync(connection).WaitAsync(Eventually.Limit));
                Assert.False(connection.CanBeReused);
            }
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_head_without_end_and_one_that_breaks_off_are_none(bool onLane, bool breaksOff)
    {
        var (connection, engine) = Pair(onLane);
        using (engine)
        using (connection)
        {
            await AskAsync(connection, engine);
            var answering = AnswerAsync(connection);
            var sending = engine.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nx: " + new string('x', breaksOff ? 1000 : 40_000)).AsMemory()).AsTask();
            if (breaksOff)
            {
                await sending;
                engine.Shutdown(SocketShutdown.Send);
            }

            Assert.Equal((0, "", BodyProgress.Died), await answering.WaitAsync(Eventually.Limit));
            Assert.False(connection.CanBeReused);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_closes_it_ends_the_wait(bool onLane)
    {
        var (connection, engine) = Pair(onLane);
        using (engine)
        {
            await AskAsync(connection, engine);
            var answering = AnswerAsync(connection);
            connection.Dispose();

            Assert.Equal((0, "", BodyProgress.Died), await answering.WaitAsync(Eventually.Limit));
        }
    }

    private static async Task AskAsync(UpstreamConnection connection, Socket engine)
    {
        await connection.SendAsync(new Backend("e", "p", "e", "m"), InferenceRoute.Chat, "id", "{}"u8.ToArray(), default, "application/json");
        var (heard, into) = ("", new byte[4096]);
        while (!heard.EndsWith("\r\n\r\n{}", StringComparison.Ordinal)) heard += Encoding.ASCII.GetString(into, 0, await engine.ReceiveAsync(into.AsMemory()).AsTask().WaitAsync(Eventually.Limit));
    }

    /// <returns>Its status is 0 where there is no head.</returns>
    private static async Task<(int Status, string Body, BodyProgress End)> AnswerAsync(UpstreamConnection connection)
    {
        UpstreamHead? head;
        while (!connection.TryReadHead(out head))
        {
            int count;
            try
            {
                count = await connection.ReceiveAsync();
            }
            catch (Exception gone) when (UpstreamConnection.IsBreak(gone))
            {
                count = -1;
            }

            connection.Arrived(count);
        }

        if (head is null) return (0, "", BodyProgress.Died);
        for (var body = ""; ;)
        {
            var part = await connection.ReadAsync();
            body += Encoding.ASCII.GetString(part.Data.Span);
            if (part.Progress != BodyProgress.More) return (head.Status, body, part.Progress);
        }
    }

    private (UpstreamConnection Connection, Socket Engine) Pair(bool onLane)
    {
        Assert.SkipWhen(onLane && !LaneLoop.IsSupported, "the lane waits for sockets as only Linux can");
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var engine = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        engine.Connect(listener.LocalEndPoint!);
        var socket = listener.Accept();
        return (onLane ? new UpstreamConnection(null, lane: new LaneSocket(_loop!, socket)) : new UpstreamConnection(socket), engine);
    }
}
