using Helix.Core.Fleet;

namespace Helix.Core.Tests.Fleet;

public class SocketTableTests
{
    private const string Head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    [Fact]
    public void Who_takes_connections_is_read_with_its_address_its_user_and_its_number()
    {
        const string table = Head
            + "   0: 0100007F:5F28 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100 0 0 10 0\n"
            + "   1: 0101A8C0:0050 0201A8C0:C350 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0 20 4 30 10 -1\n"
            + "   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0\n";

        Assert.Equal([("127.0.0.1:24360", 1000L, 4711L), ("0.0.0.0:22", 0L, 4713L)], SocketTable.Listeners(table).Select(socket => ($"{socket.At}", socket.User, socket.Number)));
    }

    [Theory]
    [InlineData("00000000000000000000000001000000:1F90", "[::1]:8080")]
    [InlineData("00000000000000000000000000000000:1F90", "[::]:8080")]
    [InlineData("0000000000000000FFFF00000100007F:1F90", "[::ffff:127.0.0.1]:8080")]
    public void Addresses_of_the_sixth_version_are_read(string written, string address) =>
        Assert.Equal(address, $"{Assert.Single(SocketTable.Listeners($"{Head}   0: {written} 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 5 1 0 100 0 0 10 0\n")).At}");

    [Fact]
    public void What_is_no_table_has_nobody_in_it() => Assert.Empty(SocketTable.Listeners("x\ny z\n 0: zz:1 b 0A 1 2 3 4 5 6 7\n"));
}
