using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Helix.Clouds;
using Helix.Core.Alerts;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Helix.Alerts;

/// <summary>Brings one mail to a server (SMTP, RFC 5321), and says what came of it. A server is spoken to directly: proxies lead to web servers.</summary>
internal static class MailPost
{
    /// <summary>Who does not know helix yet wants it to come back, and not at once.</summary>
    private static readonly TimeSpan s_greylisted = TimeSpan.FromMinutes(1);

    /// <param name="leftOut">Told of each mailbox that the server takes nothing for while it takes it for others, with the server's status.</param>
    /// <exception cref="OperationCanceledException">Cancelled: whether it arrived is not known.</exception>
    public static async Task<Delivery> SendAsync(ChannelTarget.Mail target, AlertMessage message, CloudTrust trust, Action<string, int> leftOut, CancellationToken cancellationToken)
    {
        var server = $"{target.Host}:{target.Port}";
        using var client = new SmtpClient
        {
            // as everywhere else in helix: who asks an authority about each certificate tells it whom he writes to, and does not write where it is not reached
            CheckCertificateRevocation = false,
            ServerCertificateValidationCallback = (_, certificate, _, errors) => IsTrusted(certificate, errors, trust, target.Host),
        };
        try
        {
            using var socket = await CloudDial.ConnectAsync(target.Host, target.Port, cancellationToken);
            await client.ConnectAsync(socket, target.Host, target.Port, OptionsOf(target.Safety), cancellationToken);
            if (target.Login is { } login) await client.AuthenticateAsync(login.User, login.Password.Reveal(), cancellationToken);
            await SendAsync(client, target, message, leftOut, cancellationToken);
            await LeaveAsync(client, cancellationToken);
            return new Delivery.Sent();
        }
        catch (SmtpCommandException said)
        {
            var words = $"{server} says {(int)said.StatusCode}{(said.Mailbox is { } mailbox ? $" of {mailbox.Address}" : "")}: {AlertText.Short(said.Message, 120)}";
            return IsPassing(said.StatusCode) ? new Delivery.Later(words, IsGreylisted(said.StatusCode) ? s_greylisted : null) : new Delivery.Refused(words);
        }
        catch (AuthenticationException refused)
        {
            // what it said may repeat what it was told
            return refused.InnerException is SmtpCommandException { StatusCode: var status } && IsPassing(status)
                ? new Delivery.Later($"{server} cannot look at names and passwords now ({(int)status})")
                : new Delivery.Refused($"{server} does not accept this name and password; {ChannelAnswers.Anew(ChannelNames.Email)}");
        }
        catch (ServiceNotAuthenticatedException)
        {
            return new Delivery.Refused($"{server} wants a name and a password; {ChannelAnswers.Anew(ChannelNames.Email)}");
        }
        catch (NotSupportedException)
        {
            return new Delivery.Refused(target.Safety == MailSafety.StartTls && !client.IsSecure
                ? $"{server} offers no encryption (STARTTLS), and without it nothing is sent; {ChannelAnswers.Anew(ChannelNames.Email)}"
                : $"{server} offers no way to sign in; {ChannelAnswers.Anew(ChannelNames.Email)}");
        }
        catch (SslHandshakeException untrusted)
        {
            return new Delivery.Later($"{server} cannot be trusted, or does not speak TLS: {AlertText.Short(untrusted.InnerException?.Message ?? "its certificate is not accepted", 120)}");
        }
        catch (Exception broken) when (broken is ProtocolException or ServiceNotConnectedException or SocketException or IOException)
        {
            return new Delivery.Later($"{server} cannot be reached, or broke off: {AlertText.Short(broken.Message, 120)}");
        }
    }

    private static async Task SendAsync(SmtpClient client, ChannelTarget.Mail target, AlertMessage message, Action<string, int> leftOut, CancellationToken cancellationToken)
    {
        var (sender, receivers) = (new MailboxAddress("helix", target.From), target.To.Select(each => new MailboxAddress("", each)).ToList());
        using var mail = MailOf(target, message, sender);
        while (true)
        {
            try
            {
                await client.SendAsync(mail, sender, receivers, cancellationToken);
                return;
            }
            catch (SmtpCommandException refused) when (refused is { ErrorCode: SmtpErrorCode.RecipientNotAccepted, Mailbox: { } gone } && !IsPassing(refused.StatusCode) && receivers.Count > 1)
            {
                // nothing was sent to anybody yet; one mailbox that is gone keeps no other from being told
                if (receivers.RemoveAll(each => each.Address == gone.Address) == 0) throw;
                leftOut(gone.Address, (int)refused.StatusCode);
            }
        }
    }

    private static MimeMessage MailOf(ChannelTarget.Mail target, AlertMessage message, MailboxAddress sender)
    {
        var mail = new MimeMessage { MessageId = MailWords.IdOf(message, target.From), Date = message.At, Subject = MailWords.Subject(message) };
        mail.From.Add(sender);
        foreach (var receiver in target.To) mail.To.Add(new MailboxAddress("", receiver));
        // nobody's holiday notice answers it
        mail.Headers.Add("Auto-Submitted", "auto-generated");
        mail.Body = new BodyBuilder { TextBody = $"{AlertText.Plain(message)}\n{message.Link}\n", HtmlBody = MailWords.Html(message) }.ToMessageBody();
        return mail;
    }

    /// <summary>The server has the message: how the farewell goes changes nothing.</summary>
    private static async Task LeaveAsync(SmtpClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.DisconnectAsync(quit: true, cancellationToken);
        }
        catch (Exception gone) when (gone is ProtocolException or ServiceNotConnectedException or SocketException or IOException or OperationCanceledException)
        {
            // it hung up first
        }
    }

    private static bool IsTrusted(X509Certificate? certificate, SslPolicyErrors errors, CloudTrust trust, string host)
    {
        if (errors == SslPolicyErrors.None) return true;
        // only that nobody known vouches for it can be made good
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 known || trust.Options(host).CertificateChainPolicy is not { } policy) return false;
        using var chain = new X509Chain { ChainPolicy = policy };
        return chain.Build(known);
    }

    private static SecureSocketOptions OptionsOf(MailSafety safety) => safety switch
    {
        MailSafety.Tls => SecureSocketOptions.SslOnConnect,
        MailSafety.StartTls => SecureSocketOptions.StartTls,
        _ => SecureSocketOptions.None,
    };

    private static bool IsPassing(SmtpStatusCode status) => (int)status is >= 400 and < 500;

    private static bool IsGreylisted(SmtpStatusCode status) => (int)status is 450 or 451;
}
