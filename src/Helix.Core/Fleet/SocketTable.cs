using System.Globalization;

namespace Helix.Core.Fleet;

/// <summary>Reads Linux's table of TCP sockets, <c>/proc/net/tcp</c> or <c>tcp6</c>.</summary>
internal static class SocketTable
{
    private const string Listening = "0A";

    /// <summary>User ids of those who listen at a port, on any address.</summary>
    public static IEnumerable<long> OwnersOf(string table, int port)
    {
        var end = $":{port:X4}";
        foreach (var line in table.Split('\n').Skip(1))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 7 && fields[3] == Listening && fields[1].EndsWith(end, StringComparison.Ordinal) && long.TryParse(fields[7], NumberStyles.None, CultureInfo.InvariantCulture, out var owner)) yield return owner;
        }
    }
}
