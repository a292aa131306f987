namespace Helix.Core.Alerts;

/// <summary>Where messages are posted to: over https, or to this machine itself. The path of many such addresses is a key, so none is shown.</summary>
internal sealed record ChannelAddress(Uri Url)
{
    private const int Longest = 2000;

    /// <summary>What is sent there does not leave this machine.</summary>
    public bool IsHere => IsThisMachine(Url);

    /// <summary>Its host and port, which may be told.</summary>
    public string Authority => Url.Authority;

    public override string ToString() => $"{Url.Scheme}://{Authority}/…";

    /// <returns>The address, or why it is none, in words that do not repeat it.</returns>
    public static (ChannelAddress? Address, string? Reason) Parse(string text)
    {
        if (text.Length > Longest) return (null, "the address is too long");
        if (text.Any(letter => char.IsControl(letter) || char.IsWhiteSpace(letter)) || !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0) return (null, "that is no address");
        if (url.UserInfo.Length > 0 || url.Fragment.Length > 0) return (null, "an address with a name, a password or a # in it is not taken");
        if (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && IsThisMachine(url))) return (new(url), null);
        return (null, url.Scheme == Uri.UriSchemeHttp ? "over http, whoever sits in between could read it; only this machine itself is spoken to like that" : "only https addresses are posted to");
    }

    /// <summary>The same with one more part at the end of its query.</summary>
    public ChannelAddress With(string query) => new(new UriBuilder(Url) { Query = Url.Query.Length > 1 ? $"{Url.Query[1..]}&{query}" : query }.Uri);

    /// <summary>What lies below it.</summary>
    public ChannelAddress Below(string name) => new(new Uri($"{Url.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{name}"));

    /// <summary>As for mail: one rule says what this machine is.</summary>
    private static bool IsThisMachine(Uri url) => MailAddress.IsThisMachine(url.IdnHost.Trim('[', ']'));
}
