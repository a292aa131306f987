using System.Text;
using System.Text.RegularExpressions;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

/// <summary>Simple heads, and a slow reader of them that is written in another way than <see cref="LaneHead"/>.</summary>
internal static class LaneHeads
{
    private const string TokenLetters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&'*+-.^_`|~";

    private static readonly string[] s_refused =
        ["transfer-encoding", "expect", "upgrade", "te", "trailer", "origin", "cookie", "http2-settings", "x-content-length"];

    private static readonly string[] s_hosts = ["localhost", "127.0.0.1:4359", "[::1]:8080", "[fe80::1]", "gpu_box.example.org", "a:1"];

    private static readonly int[] s_lengths = [0, 1, 9, 10, 4096, 1_000_000, LaneHead.MaxBodyLength];

    /// <summary>A simple head, another for each draw: any target, any headers in any order and case.</summary>
    public static byte[] Make(Random draw)
    {
        List<string> lines = [$"Host:{Blank(draw)}{Pick(draw, s_hosts)}", $"Content-Length:{Blank(draw)}{Pick(draw, s_lengths)}"];
        if (draw.Next(2) == 0) lines.Add($"Connection:{Blank(draw)}{Pick(draw, ["close", "keep-alive", "Keep-Alive", "CLOSE"])}");
        var known = LaneNames.All.Where(name => name is not ("Host" or "Content-Length" or "Connection")).ToArray();
        draw.Shuffle(known);
        lines.AddRange(known.Take(draw.Next(15)).Select(name => $"{name}:{Blank(draw)}{Value(draw)}"));
        lines.AddRange(Enumerable.Range(0, draw.Next(14)).Select(at => $"{TokenLetters[draw.Next(TokenLetters.Length)]}-{at}:{Blank(draw)}{Value(draw)}"));
        var mixed = lines.Select(line => Cased(draw, line)).ToArray();
        draw.Shuffle(mixed);
        return Encoding.ASCII.GetBytes($"POST {LaneHead.Targets[draw.Next(LaneHead.Targets.Length)]} HTTP/1.1\r\n{string.Join("\r\n", mixed)}\r\n\r\n");
    }

    /// <returns>What is told of a simple head; null for any other, and for the beginning of one.</returns>
    public static string? Slowly(byte[] bytes)
    {
        var text = Encoding.Latin1.GetString(bytes);
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end is < 0 or > LaneHead.MaxLength - 4) return null;
        var lines = text[..end].Split("\r\n");
        if (LaneHead.Targets.FirstOrDefault(target => lines[0] == $"POST {target} HTTP/1.1") is not { } asked) return null;
        var fields = new List<(string Name, string Value)>();
        foreach (var line in lines[1..])
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1 || !line[..colon].All(TokenLetters.Contains)) return null;
            var value = line[(colon + 1)..];
            if (value.StartsWith(' ')) value = value[1..];
            if (value.Length == 0 || value != value.Trim() || !value.All(letter => letter is >= ' ' and <= '~')) return null;
            fields.Add((line[..colon].ToLowerInvariant(), value));
        }

        if (fields.Count > LaneHead.MaxCount || fields.DistinctBy(field => field.Name).Count() < fields.Count) return null;
        if (fields.Any(field => s_refused.Contains(field.Name) || field.Name.StartsWith("sec-", StringComparison.Ordinal))) return null;
        string? Of(string name) => fields.Where(field => field.Name == name).Select(field => field.Value).FirstOrDefault();
        if (Of("host") is not { } host || !Regex.IsMatch(host, @"\A([0-9A-Za-z._-]+|\[[0-9A-Fa-f:.]{3,}\])(:[0-9]{1,5})?\z")) return null;
        if (Of("content-length") is not { } length || !Regex.IsMatch(length, @"\A(0|[1-9][0-9]{0,6})\z") || int.Parse(length) > LaneHead.MaxBodyLength) return null;
        var connection = Of("connection")?.ToLowerInvariant();
        if (connection is not (null or "close" or "keep-alive")) return null;
        return $"{asked} {end + 4} {length} {connection == "close"} {string.Join('\n', fields)}";
    }

    /// <returns>What is told of a simple head, in the same words as <see cref="Slowly"/> has; null for any other, and for the beginning of one.</returns>
    public static string? Told(ReadOnlySpan<byte> bytes) => LaneHead.Read(bytes, out var head) == LaneVerdict.Simple ? Told(in head, bytes) : null;

    /// <param name="bytes">What the head was read from.</param>
    public static string Told(in LaneHead head, ReadOnlySpan<byte> bytes)
    {
        var fields = new List<(string Name, string Value)>();
        for (var at = 0; at < head.Count; at++)
        {
            var (name, value) = head[at];
            Assert.True(bytes[name].SequenceEqual(head.NameOf(bytes, at)));
            Assert.True(bytes[value].SequenceEqual(head.ValueOf(bytes, at)));
            fields.Add((Encoding.Latin1.GetString(bytes[name]).ToLowerInvariant(), Encoding.Latin1.GetString(bytes[value])));
        }

        return $"{head.Target} {head.Length} {head.BodyLength} {head.Closes} {string.Join('\n', fields)}";
    }

    private static string Blank(Random draw) => draw.Next(4) == 0 ? "" : " ";

    private static T Pick<T>(Random draw, T[] of) => of[draw.Next(of.Length)];

    private static string Value(Random draw) => $"a{string.Concat(Enumerable.Range(0, draw.Next(60)).Select(_ => (char)draw.Next(' ', '~' + 1)))}:";

    /// <summary>The name of the header in another case.</summary>
    private static string Cased(Random draw, string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        var name = line[..colon];
        return (draw.Next(3) switch { 0 => name.ToLowerInvariant(), 1 => name.ToUpperInvariant(), _ => name }) + line[colon..];
    }
}
