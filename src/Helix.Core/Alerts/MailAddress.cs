using System.Globalization;
using System.Net;

namespace Helix.Core.Alerts;

/// <summary>Addresses of mailboxes and of the servers that take mail.</summary>
internal static class MailAddress
{
    private const int Longest = 254;
    private const int SubmissionPort = 587, RelayPort = 25;

    /// <summary>The port at which a connection is usually encrypted from the first byte on.</summary>
    public const int TlsPort = 465;

    /// <summary>One mailbox, plain: no name beside it, and nothing that could end a line of a header or begin another address.</summary>
    public static bool IsMailbox(string text) =>
        text.Length <= Longest && text.Split('@') is [{ Length: > 0 } name, { Length: > 0 } domain]
        && name.All(letter => char.IsAsciiLetterOrDigit(letter) || ".!#$%&'*+-/=?^_`{|}~".Contains(letter, StringComparison.Ordinal)) && IsDotted(name)
        && domain.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-') && IsDotted(domain);

    public static string DomainOf(string mailbox) => mailbox[(mailbox.IndexOf('@', StringComparison.Ordinal) + 1)..];

    /// <summary>The usual port.</summary>
    public static int PortOf(MailSafety safety) => safety switch { MailSafety.Tls => TlsPort, MailSafety.StartTls => SubmissionPort, _ => RelayPort };

    /// <returns>Null for what is no host, with or without a port.</returns>
    public static (string Host, int? Port)? Server(string text)
    {
        var colon = text.LastIndexOf(':');
        // an IPv6 address has colons of its own: with a port it stands in brackets
        var hasPort = colon > 0 && (text[colon - 1] == ']' || text.IndexOf(':', StringComparison.Ordinal) == colon);
        var host = (hasPort ? text[..colon] : text).Trim('[', ']');
        if (Uri.CheckHostName(host) is not (UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6)) return null;
        if (!hasPort) return (host, null);
        return ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 ? (host, port) : null;
    }

    public static bool IsThisMachine(string host) => host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static bool IsDotted(string text) => text[0] != '.' && text[^1] != '.' && !text.Contains("..", StringComparison.Ordinal);
}
