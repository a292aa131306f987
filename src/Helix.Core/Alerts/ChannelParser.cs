using Helix.Core.Clouds;

namespace Helix.Core.Alerts;

/// <summary>Reads what somebody wrote of a channel, strictly: what is not of that channel is not passed over in silence.</summary>
internal static class ChannelParser
{
    private const int LongestSecret = 1000;
    private const int LongestText = 200;
    private const int MostReceivers = 50;

    private const string SlackApi = "https://slack.com/api";

    private static readonly (string Name, Func<ChannelSetup, bool> IsSaid)[] s_parts =
    [
        ("url", setup => setup.Url is not null), ("secret", setup => setup.Secret is not null), ("place", setup => setup.Place is not null), ("server", setup => setup.Server is not null),
        ("safety", setup => setup.Safety is not null), ("user", setup => setup.User is not null), ("from", setup => setup.From is not null), ("to", setup => setup.To is not null),
    ];

    public static SetupOutcome Parse(string channel, ChannelSetup setup) => channel switch
    {
        ChannelNames.Email => Foreign(channel, setup, "secret", "server", "safety", "user", "from", "to") ?? Mail(setup),
        ChannelNames.Slack => Foreign(channel, setup, "url", "secret", "place") ?? Slack(setup),
        ChannelNames.Discord => Foreign(channel, setup, "secret") ?? Address(setup.Secret, "the webhook's address", address => new ChannelTarget.Discord(address)),
        ChannelNames.Webhook => Foreign(channel, setup, "url", "secret") ?? Webhook(setup),
        _ => new SetupOutcome.Bad($"there is no channel {AlertText.Short(channel, 50)} that is set up", $"There are {string.Join(", ", ChannelNames.All)}."),
    };

    private static SetupOutcome.Bad? Foreign(string channel, ChannelSetup setup, params ReadOnlySpan<string> known)
    {
        foreach (var (name, isSaid) in s_parts)
            if (isSaid(setup) && !known.Contains(name)) return new($"{name} is nothing that {channel} is set up with", "See: helix alerts setup --help");
        return null;
    }

    private static SetupOutcome Mail(ChannelSetup setup)
    {
        if (setup.Server is not { Length: > 0 and <= LongestText } || MailAddress.Server(setup.Server) is not var (host, asked)) return new SetupOutcome.Bad("which server takes the mail is not said", "Name it like smtp.example.org:587.");
        MailSafety? safety = setup.Safety switch
        {
            null => asked == MailAddress.TlsPort ? MailSafety.Tls : MailSafety.StartTls,
            "starttls" => MailSafety.StartTls,
            "tls" => MailSafety.Tls,
            "none" => MailSafety.None,
            _ => null,
        };
        if (safety is not { } known) return new SetupOutcome.Bad("how the connection is encrypted is none of starttls, tls and none", "Leave it out for what is usual at the port.");
        if (known == MailSafety.None && !MailAddress.IsThisMachine(host)) return new SetupOutcome.Bad($"without encryption only a server on this machine is used, and {host} is none", "Use starttls, or tls for a port like 465.");
        if (setup.From is not { } sender || !MailAddress.IsMailbox(sender)) return new SetupOutcome.Bad("from whom the mail comes is no mailbox", "Write it like helix@example.org.");
        if (setup.To is not { Count: > 0 and <= MostReceivers } receivers) return new SetupOutcome.Bad($"mail goes to at least one mailbox, and to {MostReceivers} at most", "Write them like ann@example.org,bob@example.org.");
        // JSON can hold a null where a text is expected
        if (receivers.Select(each => each ?? "").FirstOrDefault(each => !MailAddress.IsMailbox(each)) is { } odd) return new SetupOutcome.Bad($"\"{AlertWords.Clean(AlertText.Short(odd, 60))}\" is no mailbox", "Write it like ann@example.org.");
        var mail = new ChannelTarget.Mail(host, asked ?? MailAddress.PortOf(known), known, null, sender, [.. receivers.Distinct(StringComparer.OrdinalIgnoreCase)]);
        if (setup.User is null) return setup.Secret is null ? new SetupOutcome.Good(mail) : new SetupOutcome.Bad("there is a password and no name", "Name the user, too.");
        if (!IsWord(setup.User, LongestText)) return new SetupOutcome.Bad("the user's name is empty, too long, or has control characters in it", "Write it as the server knows it.");
        return SecretOf(setup.Secret) is { } password ? new SetupOutcome.Good(mail with { Login = new(setup.User, password) }) : NoSecret("the password");
    }

    private static SetupOutcome Slack(ChannelSetup setup)
    {
        if (setup.Place is not { } place)
            return setup.Url is null
                ? Address(setup.Secret, "the webhook's address", address => new ChannelTarget.SlackHook(address))
                : new SetupOutcome.Bad("an address of Slack's API is for a bot, and where that speaks is not said", "Name a channel; the address of an incoming webhook is a secret, and is asked for.");
        if (!IsWord(place, LongestText) || place.Contains(' ', StringComparison.Ordinal)) return new SetupOutcome.Bad("where the bot speaks is no channel", "Write it like C0123456789 or #ops.");
        // it stands in a header
        if (SecretOf(setup.Secret) is not { } token || !token.Reveal().All(letter => letter is > ' ' and < '\u007f')) return NoSecret("the bot's token");
        return Address(setup.Url ?? SlackApi, "the API's address", api => new ChannelTarget.SlackBot(api, token, place));
    }

    private static SetupOutcome Webhook(ChannelSetup setup) =>
        setup.Url is null ? new SetupOutcome.Bad("where to is not said", "Name an https address.")
        : SecretOf(setup.Secret) is not { } key ? NoSecret("the key that messages are signed with")
        : Address(setup.Url, "the webhook's address", address => new ChannelTarget.Webhook(address, key));

    private static SetupOutcome Address(string? text, string what, Func<ChannelAddress, ChannelTarget> target)
    {
        if (text is not { Length: > 0 }) return NoSecret(what);
        var (address, reason) = ChannelAddress.Parse(text);
        return address is not null ? new SetupOutcome.Good(target(address)) : new SetupOutcome.Bad($"{what} is not taken: {reason}", "Copy it once more from where it was made.");
    }

    private static SetupOutcome.Bad NoSecret(string what) => new($"{what} is missing, too long, or has control characters in it", "Copy it once more from where it was made.");

    private static Secret? SecretOf(string? text) => text is not null && IsWord(text, LongestSecret) ? new(text) : null;

    private static bool IsWord(string text, int most) => text.Length > 0 && text.Length <= most && !text.Any(char.IsControl);
}
