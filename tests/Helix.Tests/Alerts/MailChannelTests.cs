using System.Text;
using Helix.Alerts;
using Helix.Clouds;
using Helix.Core.Alerts;
using Helix.Core.History;
using Helix.Storage;
using Helix.Tests.Clouds.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using MimeKit;
using SmtpServer.Protocol;

namespace Helix.Tests.Alerts;

/// <summary>Mail, against a server on loopback that may encrypt, ask for a password, refuse, be slow, or send strangers away for a while.</summary>
public sealed class MailChannelTests : IDisposable
{
    private readonly ChannelStage _stage = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _stage.Dispose();

    [Theory]
    [InlineData("none", false, false)]
    [InlineData("none", false, true)]
    [InlineData("starttls", false, true)]
    [InlineData("tls", true, true)]
    public async Task It_is_brought_however_the_server_wants_it(string safety, bool isTls, bool asksWho)
    {
        await using var server = MailStandIn.Started(new MailRules { Certificate = safety == "none" ? null : FakeCloud.Trust.Roots![0], IsTls = isTls, Password = asksWho ? "p:ass" : null });
        _stage.SetUpMail(server.Port, safety, asksWho ? "p:ass" : null, "ann@example.org", "bob@example.org");
        await using var house = new AlertHouse(null, _stage.Mail);

        house.Happens("critical", "<b>x</b>\r\nBcc: eve@example.org", Severity.Critical);
        await house.PassAsync(TimeSpan.FromSeconds(12));

        Assert.Null(house.Delivery.LaneOf("email").Trouble);
        var (to, text) = Assert.Single(server.Got);
        Assert.Equal(["ann@example.org", "bob@example.org"], to);
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        using var mail = await MimeMessage.LoadAsync(stream, Token);
        Assert.Equal(("[helix] critical: critical of <b>x</b> Bcc: eve@example.org", "helix@example.org"), (mail.Subject, mail.From.Mailboxes.Single().Address));
        Assert.Empty(mail.Bcc);
        Assert.Equal("auto-generated", mail.Headers["Auto-Submitted"]);
        Assert.Contains("CRITICAL critical of <b>x</b>", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("http://h/#alerts/1", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;x&lt;/b&gt;", mail.HtmlBody, StringComparison.Ordinal);
        Assert.Matches("^[0-9a-f]{32}-1@example.org$", mail.MessageId);
    }

    [Fact]
    public async Task Whoever_sends_strangers_away_for_a_while_has_it_once_and_under_one_id()
    {
        await using var server = MailStandIn.Started(new MailRules { Says = offered => offered < 2 ? new SmtpResponse((SmtpReplyCode)451, "greylisted, come back in a minute") : null });
        _stage.SetUpMail(server.Port, "none");
        await using var house = new AlertHouse(null, _stage.Mail);

        house.Happens("critical", "x");
        await house.PassAsync(TimeSpan.FromSeconds(12));
        Assert.Equal(1, server.Offered);
        Assert.Contains("451", house.Delivery.LaneOf("email").Trouble, StringComparison.Ordinal);
        await house.PassAsync(TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(5));
        Assert.Equal(1, server.Offered);
        await house.PassAsync(TimeSpan.FromMinutes(3), TimeSpan.FromSeconds(5));

        Assert.Equal(3, server.Offered);
        Assert.Single(server.Got);
        Assert.Null(house.Delivery.LaneOf("email").Trouble);
    }

    [Theory]
    [InlineData("wrong", "does not accept this name and password")]
    [InlineData(null, "wants a name and a password")]
    public async Task A_wrong_password_is_said_once_and_not_tried_again_and_again(string? password, string words)
    {
        await using var server = MailStandIn.Started(new MailRules { Password = "right" });
        _stage.SetUpMail(server.Port, "none", password);

        var refused = Assert.IsType<Delivery.Refused>(await SendAsync());

        Assert.Contains(words, refused.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", refused.Reason, StringComparison.Ordinal);
        Assert.Empty(server.Got);
    }

    [Fact]
    public async Task A_mail_that_is_refused_is_told_as_such()
    {
        await using var server = MailStandIn.Started(new MailRules { Says = _ => new SmtpResponse((SmtpReplyCode)554, "no such thing here") });
        _stage.SetUpMail(server.Port, "none");

        Assert.Contains("554", Assert.IsType<Delivery.Refused>(await SendAsync()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mailbox_that_is_gone_keeps_the_others_from_nothing()
    {
        await using var server = MailStandIn.Started(new MailRules { Unknown = ["gone@example.org"] });
        _stage.SetUpMail(server.Port, "none", null, "gone@example.org", "ann@example.org");

        Assert.IsType<Delivery.Sent>(await SendAsync());
        Assert.Equal(["ann@example.org"], Assert.Single(server.Got).To);

        _stage.SetUpMail(server.Port, "none", null, "gone@example.org");
        Assert.Contains("gone@example.org", Assert.IsType<Delivery.Refused>(await SendAsync()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_encryption_nothing_is_said_to_a_server_that_should_encrypt()
    {
        await using var server = MailStandIn.Started(new MailRules { Password = "right" });
        _stage.SetUpMail(server.Port, "starttls", "right");

        Assert.Contains("STARTTLS", Assert.IsType<Delivery.Refused>(await SendAsync()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_nobody_vouches_for_has_no_mail()
    {
        await using var server = MailStandIn.Started(new MailRules { Certificate = FakeCloud.Trust.Roots![0], IsTls = true });
        _stage.SetUpMail(server.Port, "tls");
        var suspicious = new MailChannel(
            _stage.Setups, new CloudTrust(null), new CloudDial(new CloudTrust(null), CloudProxies.None, () => _stage.Config), () => _stage.Config, NullLogger<MailChannel>.Instance);

        Assert.Contains("cannot be trusted", Assert.IsType<Delivery.Later>(await suspicious.SendAsync(AlertMessage.Test("h-1", "email", DateTimeOffset.UnixEpoch, ""), Token)).Reason, StringComparison.Ordinal);
        Assert.Empty(server.Got);
    }

    [Fact]
    public async Task A_slow_server_is_left_when_patience_ends_and_has_the_same_id_the_next_time()
    {
        var slow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = MailStandIn.Started(new MailRules { Hesitates = () => slow.Task.WaitAsync(Eventually.Limit) });
        _stage.SetUpMail(server.Port, "none");
        await using var house = new AlertHouse(null, _stage.Mail);
        house.Happens("critical", "x");
        for (var second = 0; second < 12; second++)
        {
            house.Time.Advance(TimeSpan.FromSeconds(1));
            await house.Watch.TurnAsync();
        }

        var sending = house.Delivery.SendNextAsync(_stage.Mail, Token);
        await Eventually.TrueAsync(() => server.Offered == 1);
        house.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Null(await sending);
        Assert.Contains("did not answer within 30 s", house.Delivery.LaneOf("email").Trouble, StringComparison.Ordinal);
        slow.SetResult();
        await house.PassAsync(TimeSpan.FromSeconds(10));

        await Eventually.TrueAsync(() => server.Got.Count == 2);
        Assert.Single(server.Got.Select(got => got.Mail.Split('\n').First(line => line.StartsWith("Message-Id:", StringComparison.OrdinalIgnoreCase))).Distinct());
    }

    [Fact]
    public async Task A_server_that_was_away_has_what_waited_once_also_when_the_daemon_was_killed_meanwhile()
    {
        await using var server = new MailStandIn(new MailRules());
        _stage.SetUpMail(server.Port, "none");
        var web = new FakeChannel("web");
        await using var house = new AlertHouse(null, _stage.Mail, web);
        house.Happens("owner", "x");
        await house.PassAsync(TimeSpan.FromMinutes(9), TimeSpan.FromSeconds(5));
        house.Crash();
        await house.PassAsync(TimeSpan.FromMinutes(4), TimeSpan.FromSeconds(5));
        server.Return();
        await house.PassAsync(TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(5));

        Assert.Contains(web.Got.SelectMany(message => message.Entries), entry => entry is { Cause: "channel_down", Subject: "email", Kind: NoteKind.Fired });
        Assert.Contains(web.Got.SelectMany(message => message.Entries), entry => entry is { Cause: "channel_down", Subject: "email", Kind: NoteKind.Resolved });
        var all = Assert.IsType<Stored<List<QueuedMessage>>.Ok>(await house.Messages.ListAsync("email", 100)).Value;
        Assert.All(all, queued => Assert.Equal(MessageState.Sent, queued.State));
        Assert.Equal(all.Count, server.Got.Count);
        Assert.Single(server.Got, got => got.Mail.Contains("owner of x", StringComparison.Ordinal));
        // who reads his mail again need not be told there that he could not
        Assert.DoesNotContain(server.Got, got => got.Mail.Contains("alert channel email", StringComparison.Ordinal));
    }

    private Task<Delivery> SendAsync() => _stage.Mail.SendAsync(AlertMessage.Test("h-1", "email", DateTimeOffset.UnixEpoch, "http://h/"), Token);
}
