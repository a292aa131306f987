using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Helix.Core.Fleet;

/// <summary>A socket that takes TCP connections.</summary>
/// <param name="User">Whose it is.</param>
/// <param name="Number">By which the descriptors of processes name it.</param>
internal sealed record ListeningSocket(IPEndPoint At, long User, long Number);

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

    /// <summary>Every socket that takes connections.</summary>
    public static IEnumerable<ListeningSocket> Listeners(string table)
    {
        foreach (var line in table.Split('\n').Skip(1))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 9 && fields[3] == Listening && EndPoint(fields[1]) is { } at
                && long.TryParse(fields[7], NumberStyles.None, CultureInfo.InvariantCulture, out var owner) && long.TryParse(fields[9], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                yield return new(at, owner, number);
        }
    }

    /// <summary>Addresses stand there as 32-bit numbers in the machine's own order, which is little-endian wherever helix runs.</summary>
    private static IPEndPoint? EndPoint(string text)
    {
        var (colon, bytes) = (text.IndexOf(':', StringComparison.Ordinal), new byte[16]);
        if (colon is not (8 or 32) || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var port)) return null;
        for (var at = 0; at < colon; at += 8)
        {
            if (!uint.TryParse(text.AsSpan(at, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)) return null;
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at / 2), number);
        }

        return new(new IPAddress(bytes.AsSpan(0, colon / 2)), port);
    }
}
