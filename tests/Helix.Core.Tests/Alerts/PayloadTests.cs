using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Helix.Core.Alerts;
using Helix.Core.History;

namespace Helix.Core.Tests.Alerts;

/// <summary>What other services are sent: within their limits, and nothing in it but words, whatever the words are.</summary>
public sealed class PayloadTests
{
    private const string Hostile = "<!channel> <@U1> <https://evil.example|click> @everyone [click](https://evil.example) *bold* `code` <script>alert(1)</script> & \"\r\nBcc: eve@evil.example\r\n\r\nhello";

    private static readonly Gen<string> s_text = Gen.OneOf(
        Gen.Const(Hostile), Gen.Const(""), Gen.Const(" "), Gen.Const(new string('&', 3000)), Gen.Const(new string('*', 3000)), Gen.Const(string.Concat(Enumerable.Repeat("😀", 1000))),
        Gen.String[Gen.Char["ab_*~`|<>&[]()#\\@ \n\r\"é漢"], 0, 400], Gen.Char.Array[0, 2500].Select(letters => new string(letters)));

    private static readonly Gen<string?> s_perhaps = Gen.Select(s_text, Gen.Bool).Select((text, isThere) => isThere ? text : null);

    private static readonly Gen<AlertEntry> s_entry =
        from id in Gen.Long[1, 1_000_000_000]
        from kind in Gen.OneOf(Enum.GetValues<NoteKind>())
        from severity in Gen.OneOf(Enum.GetValues<Severity>())
        from cause in Gen.OneOf(Gen.Const("engine_down"), s_text)
        from what in s_text
        from count in Gen.Long[1, 1_000_000]
        from done in s_perhaps
        from left in s_perhaps
        from end in s_perhaps
        from flaps in Gen.Bool
        select new AlertEntry(
            id, kind, AlertType.Health, severity, cause, null, null, what, AlertStage.Start, count, done, left, kind == NoteKind.Resolved ? AlertStage.Start.AddHours(1) : null, end, flaps, false, $"http://127.0.0.1:4359/#alerts/{id}");

    private static readonly Gen<AlertMessage> s_message =
        from entries in s_entry.Array[0, AlertMessage.MostEntries]
        from more in Gen.OneOf(Gen.Const(0), Gen.Int[1, 100_000])
        from severity in Gen.OneOf(Enum.GetValues<Severity>())
        from isTest in Gen.Int[0, 9].Select(die => die == 0)
        select new AlertMessage("0123abcd-7", "x", AlertStage.Start, severity, entries.Length + more, 0, [.. entries], "http://127.0.0.1:4359/#alerts/") { IsTest = isTest };

    [Fact]
    public void Slack_takes_whatever_is_told_and_nobody_is_mentioned() => s_message.Sample(message =>
    {
        Assert.Null(PayloadRules.OfSlack(Encoding.UTF8.GetString(SlackPayload.Of(message, null))));
        Assert.Equal("C1", (string?)JsonNode.Parse(SlackPayload.Of(message, "C1"))!["channel"]);
    });

    [Fact]
    public void Discord_takes_whatever_is_told_and_nobody_is_pinged() =>
        s_message.Sample(message => Assert.Null(PayloadRules.OfDiscord(Encoding.UTF8.GetString(DiscordPayload.Of(message)))));

    [Fact]
    public void A_text_that_is_cut_is_as_long_as_there_is_room_and_nothing_is_torn_apart() => Gen.Select(s_text, Gen.Int[1, 200]).Sample((text, most) =>
    {
        var fitted = ChannelText.Fit(text, most, ChannelText.Slack);
        var whole = ChannelText.Fit(text, int.MaxValue, ChannelText.Slack);

        Assert.True(fitted.Length <= most, $"{fitted.Length} of {most}");
        Assert.Equal(whole.Length <= most, fitted == whole);
        if (fitted != whole) Assert.StartsWith(fitted[..^1], whole, StringComparison.Ordinal);
        Assert.DoesNotMatch("&(?!amp;|lt;|gt;)", fitted);
        // half a letter is read as this one
        Assert.True(text.EnumerateRunes().Contains(Rune.ReplacementChar) || !fitted.EnumerateRunes().Contains(Rune.ReplacementChar), "a letter was torn apart");
    });

    [Fact]
    public void Each_entry_says_all_that_is_to_be_said_on_each_channel()
    {
        var message = OneOf("vllm-m cannot be brought back", done: "it was installed again", left: "helix local-llm logs vllm");
        string[] bodies = [Encoding.UTF8.GetString(SlackPayload.Of(message, null)), Encoding.UTF8.GetString(DiscordPayload.Of(message)), Encoding.UTF8.GetString(WebhookPayload.Of(message)), AlertText.Plain(message), MailWords.Html(message)];

        Assert.All(bodies, body =>
        {
            foreach (var part in (string[])["CRITICAL", "vllm-m cannot be brought back", "2026-11-29 10:00 UTC", "it was installed again", "helix local-llm logs vllm", "http://127.0.0.1:4359/#alerts/12"])
                Assert.Contains(part, body.Replace("\\u003C", "<", StringComparison.Ordinal), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void What_would_be_marks_is_shown_as_words()
    {
        Assert.Equal("&lt;!channel&gt; engine_down \u200b*\u200bbold\u200b*\u200b 'x' &amp;amp;", ChannelText.Fit("<!channel> engine_down *bold* `x` &amp;", 1000, ChannelText.Slack));
        Assert.Equal(@"\[click\]\(https://x\) engine\_down \*b\* \<@1\> \\", ChannelText.Fit(@"[click](https://x) engine_down *b* <@1> \", 1000, ChannelText.Discord));
    }

    [Fact]
    public void Many_are_named_as_far_as_there_is_room_and_the_rest_is_counted()
    {
        var message = OneOf("x") with { Firing = 1000 };
        message = message with { Entries = [.. Enumerable.Range(1, 20).Select(id => message.Entries[0] with { Id = id })] };
        var (slack, discord) = (JsonNode.Parse(SlackPayload.Of(message, null))!["blocks"]!.AsArray(), JsonNode.Parse(DiscordPayload.Of(message))!["embeds"]!.AsArray());

        Assert.Equal(22, slack.Count);
        Assert.Equal("<http://127.0.0.1:4359/#alerts/|and 980 more: helix alerts list>", (string?)slack[21]!["text"]!["text"]);
        Assert.Equal(10, discord.Count);
        Assert.Equal("and 991 more: helix alerts list\nhttp://127.0.0.1:4359/#alerts/", (string?)discord[9]!["description"]);
    }

    [Fact]
    public void A_mail_has_no_header_that_the_words_bring_and_its_page_runs_nothing()
    {
        var message = OneOf(Hostile);
        var (subject, html) = (MailWords.Subject(message), MailWords.Html(message));

        Assert.DoesNotContain(subject, letter => char.IsControl(letter));
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", html, StringComparison.Ordinal);
        Assert.Equal("0123abcd-7@example.org", MailWords.IdOf(message with { Key = "0123abcd-7\r\n>" }, "helix@example.org"));
    }

    [Fact]
    public void A_signature_is_the_one_that_others_compute()
    {
        var body = Encoding.UTF8.GetBytes("{\"id\":\"h-1\"}");

        var signature = WebhookPayload.Signature(new("key of the test"), "1796000000", body);

        Assert.Equal("v1=543961d8535ad45771035ff600a541c622417cfc1f5303ac9bf8f13ed6841a4c", signature);
        Assert.Equal($"v1={Convert.ToHexStringLower(HMACSHA256.HashData("key of the test"u8, [.. "1796000000."u8, .. body]))}", signature);
        Assert.NotEqual(signature, WebhookPayload.Signature(new("key of the test"), "1796000001", body));
    }

    private static AlertMessage OneOf(string what, string? done = null, string? left = null) => new(
        "0123abcd-7", "x", AlertStage.Start, Severity.Critical, 1, 0,
        [new AlertEntry(12, NoteKind.Fired, AlertType.Health, Severity.Critical, "engine_down", "vllm", "vllm-m", what, AlertStage.Start, 3, done, left, null, null, false, false, "http://127.0.0.1:4359/#alerts/12")], "http://127.0.0.1:4359/#alerts/");
}
