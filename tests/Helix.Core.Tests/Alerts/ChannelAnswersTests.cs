using Helix.Core.Alerts;

namespace Helix.Core.Tests.Alerts;

public sealed class ChannelAnswersTests
{
    [Theory]
    [InlineData(200, "ok", "sent")]
    [InlineData(204, "", "sent")]
    [InlineData(429, "", "later: too much")]
    [InlineData(500, "<html>", "later: trouble of its own (500)")]
    [InlineData(503, "", "later: trouble of its own (503)")]
    [InlineData(408, "", "later: trouble of its own")]
    [InlineData(302, "", "refused: sends elsewhere")]
    [InlineData(400, "invalid_blocks", "refused: will not have this message (400): invalid_blocks")]
    [InlineData(403, "action_prohibited", "refused: (403): action_prohibited; set it up anew: helix alerts setup slack")]
    [InlineData(404, "no_service", "refused: (404): no_service")]
    [InlineData(404, "{\"message\": \"Unknown Webhook\", \"code\": 10015}", "refused: (404): Unknown Webhook")]
    [InlineData(410, "", "refused: any more (410)")]
    public void Each_answer_means_one_thing(int status, string said, string means) => Means(means, ChannelAnswers.Of("x.example", status, null, said, "slack"));

    [Theory]
    [InlineData(200, "{\"ok\":true,\"ts\":\"1\",\"message\":{\"ok\":false", "sent")]
    [InlineData(200, "{\"ok\":false,\"error\":\"channel_not_found\"}", "refused: says channel_not_found; set it up anew")]
    [InlineData(200, "{\"error\":\"invalid_auth\",\"ok\":false}", "refused: says invalid_auth")]
    [InlineData(200, "{\"ok\":false,\"error\":\"ratelimited\"}", "later: says ratelimited")]
    [InlineData(200, "{\"message\":{\"ok\":true}}", "later: cannot be read")]
    [InlineData(200, "<html>", "later: cannot be read")]
    [InlineData(200, "", "later: cannot be read")]
    [InlineData(429, "", "later: too much")]
    [InlineData(502, "", "later: trouble of its own")]
    public void Slacks_own_api_says_no_in_its_body(int status, string said, string means) => Means(means, ChannelAnswers.OfSlackApi("slack.com", status, null, said));

    [Fact]
    public void How_long_is_to_be_waited_is_kept()
    {
        Assert.Equal(TimeSpan.FromSeconds(7), Assert.IsType<Delivery.Later>(ChannelAnswers.Of("x", 429, TimeSpan.FromSeconds(7), "", "slack")).After);
        Assert.Equal(TimeSpan.FromSeconds(0.5), ChannelAnswers.DiscordWait("{\"message\": \"You are being rate limited.\", \"retry_after\": 0.5, \"global\": false}"));
        Assert.Null(ChannelAnswers.DiscordWait("{\"retry_after\": \"soon\"}"));
        Assert.Null(ChannelAnswers.DiscordWait("{\"retry_after\": -1}"));
        Assert.Null(ChannelAnswers.DiscordWait("no json"));
    }

    [Fact]
    public void Who_repeats_the_address_he_was_asked_at_is_not_quoted() =>
        Assert.DoesNotContain("B0SECRET", Assert.IsType<Delivery.Refused>(ChannelAnswers.Of("x", 404, null, "Cannot POST /services/T0/B0SECRET", "webhook")).Reason, StringComparison.Ordinal);

    [Fact]
    public void Who_is_told_beside_it_what_is_left_to_do_is_told_it_once()
    {
        var refused = Assert.IsType<Delivery.Refused>(ChannelAnswers.Of("x.example", 404, null, "no_service", "slack")).Reason;

        Assert.EndsWith("; set it up anew: helix alerts setup slack", refused, StringComparison.Ordinal);
        Assert.EndsWith("(404): no_service", ChannelAnswers.Why(refused, "slack"), StringComparison.Ordinal);
        Assert.Equal("554: no", ChannelAnswers.Why("554: no", "email"));
    }

    private static void Means(string means, Delivery delivery)
    {
        var (kind, reason) = delivery switch
        {
            Delivery.Later(var why, _) => ("later", why),
            Delivery.Refused(var why) => ("refused", why),
            _ => ("sent", ""),
        };
        string[] parts = means.Split(": ", 2);
        Assert.Equal(parts[0], kind);
        if (parts.Length > 1) Assert.Contains(parts[1], reason, StringComparison.Ordinal);
    }
}
