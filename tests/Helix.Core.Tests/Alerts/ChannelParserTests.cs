using System.Text.Json;
using Helix.Core.Alerts;

namespace Helix.Core.Tests.Alerts;

public sealed class ChannelParserTests
{
    private const string Mail = "\"server\":\"smtp.example.org\",\"from\":\"helix@example.org\",\"to\":[\"ann@example.org\"]";

    [Theory]
    [InlineData("email", "{" + Mail + "}", "ann@example.org by smtp.example.org:587 (STARTTLS)")]
    [InlineData("email", "{\"server\":\"smtp.example.org:465\",\"from\":\"h@x.org\",\"to\":[\"a@x.org\",\"b@x.org\",\"A@x.org\"],\"user\":\"h\",\"secret\":\"p\"}", "a@x.org, b@x.org by smtp.example.org:465 (TLS)")]
    [InlineData("email", "{\"server\":\"smtp.example.org\",\"safety\":\"tls\",\"from\":\"h@x.org\",\"to\":[\"a@x.org\"]}", "a@x.org by smtp.example.org:465 (TLS)")]
    [InlineData("email", "{\"server\":\"[::1]:2525\",\"safety\":\"none\",\"from\":\"h@x.org\",\"to\":[\"a@x.org\"]}", "a@x.org by ::1:2525")]
    [InlineData("slack", "{\"secret\":\"https://hooks.slack.com/services/T/B/x\"}", "hooks.slack.com")]
    [InlineData("slack", "{\"secret\":\"xoxb-1\",\"place\":\"C1\"}", "C1 at slack.com")]
    [InlineData("slack", "{\"secret\":\"xoxb-1\",\"place\":\"#ops\",\"url\":\"http://127.0.0.1:8080/api/\"}", "#ops at 127.0.0.1:8080")]
    [InlineData("slack", "{\"secret\":\"http://[::1]:8080/x\"}", "[::1]:8080")]
    [InlineData("discord", "{\"secret\":\"https://discord.com/api/webhooks/1/x\"}", "discord.com")]
    [InlineData("webhook", "{\"url\":\"https://alerts.example.org:8443/x\",\"secret\":\"k\"}", "alerts.example.org:8443")]
    public void What_is_right_is_taken_and_told_without_its_secrets(string channel, string json, string words) =>
        Assert.Equal(words, Assert.IsType<SetupOutcome.Good>(Parse(channel, json)).Target.Words);

    [Theory]
    [InlineData("pigeon", "{}", "no channel pigeon")]
    [InlineData("web", "{}", "no channel web")]
    [InlineData("email", "{}", "which server")]
    [InlineData("email", "{\"server\":\"http://smtp.example.org\",\"from\":\"h@x.org\",\"to\":[\"a@x.org\"]}", "which server")]
    [InlineData("email", "{\"server\":\"smtp.example.org:0\",\"from\":\"h@x.org\",\"to\":[\"a@x.org\"]}", "which server")]
    [InlineData("email", "{\"server\":\"smtp.example.org\",\"safety\":\"none\",\"from\":\"h@x.org\",\"to\":[\"a@x.org\"]}", "only a server on this machine")]
    [InlineData("email", "{\"server\":\"smtp.example.org\",\"safety\":\"maybe\",\"from\":\"h@x.org\",\"to\":[\"a@x.org\"]}", "none of starttls")]
    [InlineData("email", "{\"server\":\"smtp.example.org\",\"from\":\"h@x.org\\r\\nBcc: e@x.org\",\"to\":[\"a@x.org\"]}", "from whom")]
    [InlineData("email", "{\"server\":\"smtp.example.org\",\"from\":\"h@x.org\",\"to\":[]}", "at least one mailbox")]
    [InlineData("email", "{\"server\":\"smtp.example.org\",\"from\":\"h@x.org\",\"to\":[null]}", "is no mailbox")]
    [InlineData("email", "{\"server\":\"smtp.example.org\",\"from\":\"h@x.org\",\"to\":[\"a@x.org, b@x.org\"]}", "is no mailbox")]
    [InlineData("email", "{" + Mail + ",\"user\":\"h\"}", "the password is missing")]
    [InlineData("email", "{" + Mail + ",\"secret\":\"p\"}", "no name")]
    [InlineData("email", "{" + Mail + ",\"url\":\"https://x.org\"}", "url is nothing that email")]
    [InlineData("slack", "{}", "is missing")]
    [InlineData("slack", "{\"secret\":\"hooks.slack.com/services/T/B/secret\"}", "that is no address")]
    [InlineData("slack", "{\"secret\":\"http://hooks.slack.com/services/T/B/secret\"}", "over http")]
    [InlineData("slack", "{\"secret\":\"https://a:secret@hooks.slack.com/services\"}", "a name, a password")]
    [InlineData("slack", "{\"secret\":\"xoxb-secret \\u00e4\",\"place\":\"C1\"}", "the bot's token")]
    [InlineData("slack", "{\"secret\":\"xoxb-secret\",\"place\":\"two words\"}", "no channel")]
    [InlineData("slack", "{\"secret\":\"https://x.example/secret\",\"url\":\"https://x.example\"}", "for a bot")]
    [InlineData("discord", "{\"secret\":\"ftp://discord.com/secret\"}", "only https")]
    [InlineData("webhook", "{\"secret\":\"k\"}", "where to")]
    [InlineData("webhook", "{\"url\":\"https://x.example/\"}", "the key")]
    [InlineData("webhook", "{\"url\":\"https://x.example/\",\"secret\":\"two\\nlines\"}", "the key")]
    public void What_is_wrong_is_said_without_anything_of_a_secret(string channel, string json, string words)
    {
        var bad = Assert.IsType<SetupOutcome.Bad>(Parse(channel, json));

        Assert.Contains(words, bad.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", bad.Reason.Replace("is a secret", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.NotEmpty(bad.Remedy);
    }

    [Fact]
    public void Nothing_of_a_secret_is_written_by_accident()
    {
        var setup = new ChannelSetup { Secret = "https://hooks.slack.com/services/T/B/unseen-1" };
        var targets = new[] { setup, setup with { Secret = "unseen-2", Place = "C1" } }.Select(each => Assert.IsType<SetupOutcome.Good>(ChannelParser.Parse("slack", each)).Target.ToString());

        Assert.DoesNotContain("unseen", $"{setup} {string.Join(' ', targets)}", StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_keeps_what_it_has()
    {
        var address = ChannelAddress.Parse("https://discord.com/api/webhooks/1/x?thread_id=7").Address!;

        Assert.Equal("https://discord.com/api/webhooks/1/x?thread_id=7&wait=true", address.With("wait=true").Url.AbsoluteUri);
        Assert.Equal("https://slack.com/api/chat.postMessage", ChannelAddress.Parse("https://slack.com/api/").Address!.Below("chat.postMessage").Url.AbsoluteUri);
    }

    private static SetupOutcome Parse(string channel, string json) => ChannelParser.Parse(channel, JsonSerializer.Deserialize(json, AlertJson.Default.ChannelSetup)!);
}
