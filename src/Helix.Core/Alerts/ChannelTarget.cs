using System.Collections.Immutable;
using Helix.Core.Clouds;

namespace Helix.Core.Alerts;

/// <summary>Where a channel tells, known to be right.</summary>
internal abstract record ChannelTarget
{
    private ChannelTarget() { }

    /// <summary>For a person, without anything that is secret.</summary>
    public string Words => this switch
    {
        Mail mail => $"{string.Join(", ", mail.To)} by {mail.Host}:{mail.Port}{SafetyOf(mail)}",
        SlackHook hook => hook.Address.Authority,
        SlackBot bot => $"{bot.Place} at {bot.Api.Authority}",
        Discord discord => discord.Address.Authority,
        Webhook webhook => webhook.Address.Authority,
        _ => throw new InvalidOperationException("there is no other target"),
    };

    private static string SafetyOf(Mail mail) => mail.Safety switch { MailSafety.Tls => " (TLS)", MailSafety.StartTls => " (STARTTLS)", _ => "" };

    /// <param name="Login">Null: it takes mail without one.</param>
    internal sealed record Mail(string Host, int Port, MailSafety Safety, MailLogin? Login, string From, ImmutableArray<string> To) : ChannelTarget
    {
        /// <summary>What is sent there does not leave this machine by helix.</summary>
        public bool IsHere => MailAddress.IsThisMachine(Host);
    }

    /// <summary>An incoming webhook.</summary>
    internal sealed record SlackHook(ChannelAddress Address) : ChannelTarget;

    /// <param name="Api">Below which Slack's methods lie.</param>
    /// <param name="Place">A channel's id or name.</param>
    internal sealed record SlackBot(ChannelAddress Api, Secret Token, string Place) : ChannelTarget;

    internal sealed record Discord(ChannelAddress Address) : ChannelTarget;

    /// <param name="Key">Each message is signed with it.</param>
    internal sealed record Webhook(ChannelAddress Address, Secret Key) : ChannelTarget;
}

/// <summary>How nobody in between reads a mail on its way to the server.</summary>
internal enum MailSafety
{
    /// <summary>The connection begins in the clear and is encrypted before anything of worth is said; a server that cannot is not used.</summary>
    StartTls,

    /// <summary>Encrypted from the first byte on.</summary>
    Tls,

    /// <summary>Not at all: only within this machine.</summary>
    None,
}

internal sealed record MailLogin(string User, Secret Password);
