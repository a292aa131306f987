namespace Helix.Gateway;

/// <summary>What response headers say, in characters that may stand in one.</summary>
internal static class HeaderWords
{
    private static readonly string s_here = Of(Environment.MachineName);

    public static string Of(string text) => text.AsSpan().ContainsAnyExceptInRange('!', '~') ? Uri.EscapeDataString(text) : text;

    /// <summary>Names that a client sent: not all of very many, and none in full that is very long.</summary>
    public static string Names(IReadOnlyCollection<string> names)
    {
        const int most = 20, longest = 40;
        return string.Join(',', names.Take(most).Select(name => Uri.EscapeDataString(name.Length <= longest ? name : name[..longest]))) + (names.Count > most ? ",..." : "");
    }

    /// <summary>The machine on which an engine runs, or the host of a cloud.</summary>
    /// <param name="endpoint">Path of a unix socket, or a host with a port; of a cloud, its https address.</param>
    public static string NodeOf(string endpoint)
    {
        const string encrypted = "https://";
        if (endpoint.StartsWith(encrypted, StringComparison.Ordinal)) endpoint = endpoint[encrypted.Length..];
        if (endpoint.StartsWith('/') || endpoint.StartsWith("127.", StringComparison.Ordinal) || endpoint.StartsWith("[::1]", StringComparison.Ordinal) || endpoint.StartsWith("localhost", StringComparison.OrdinalIgnoreCase)) return s_here;
        var port = endpoint.LastIndexOf(':');
        return Of(port > 0 ? endpoint[..port] : endpoint);
    }
}
