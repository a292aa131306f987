using System.Net;
using System.Net.Sockets;
using Helix.Tests.Gateway.Fakes;
using Helix.Tests.Gateway.Lane;

namespace Helix.Tests.Access;

public sealed class RepeatedHeadTests
{
    [Fact]
    public async Task Each_request_of_a_connection_is_judged_by_its_own_head()
    {
        await using var host = await GatewayHost.StartAsync();
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, host.Port, TestContext.Current.CancellationToken);
        using var line = new LaneClient(connection);
        // names of one length, so that the heads have one length, too
        foreach (var name in new[] { "127.0.0.1", "127.0.0.1", "evil.test", "evil.test", "127.0.0.1" })
        {
            Assert.NotNull(await line.AskAsync($"POST /v1/chat/completions HTTP/1.1\r\nHost: {name}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"));

            Assert.Equal(name == "evil.test", line.Head.StartsWith("HTTP/1.1 403 ", StringComparison.Ordinal));
        }
    }
}
