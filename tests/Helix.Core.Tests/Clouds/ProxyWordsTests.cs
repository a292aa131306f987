using System.Text;
using Helix.Core.Clouds;

namespace Helix.Core.Tests.Clouds;

public class ProxyWordsTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 Connection established")]
    [InlineData("HTTP/1.0 200 OK\r\nProxy-agent: x")]
    [InlineData("HTTP/1.1 204 x")]
    public void One_that_says_well_leads_there(string head) => Assert.Null(Refused(head));

    [Theory]
    [InlineData("HTTP/1.1 407 Proxy Authentication Required", false, "wants a name and a password (407)")]
    [InlineData("HTTP/1.1 407 Proxy Authentication Required", true, "does not accept the name and the password")]
    [InlineData("HTTP/1.1 403 Forbidden\r\nX: y", false, "allows no way to api.example.com:443 (403 Forbidden)")]
    [InlineData("HTTP/1.1 502 Bad Gateway", false, "does not lead to api.example.com:443: it answers with 502 Bad Gateway")]
    [InlineData("HTTP/1.1 502", false, "it answers with 502")]
    [InlineData("HTTP/1.1 302 \u001b[31m", false, "it answers with 302")]
    [InlineData("SSH-2.0-OpenSSH_9.6", false, "no HTTP")]
    [InlineData("", false, "no HTTP")]
    public void Any_other_answer_says_which_proxy_it_was_and_what_to_do(string head, bool hasLogin, string words)
    {
        var told = Refused(head, hasLogin);

        Assert.Contains("the proxy proxy.example:3128 ", told, StringComparison.Ordinal);
        Assert.Contains(words, told, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', told!);
    }

    [Theory]
    [InlineData("HTTP/1.1 100 Continue", true)]
    [InlineData("HTTP/1.1 102 Processing\r\nX: y", true)]
    [InlineData("HTTP/1.1 101 Switching Protocols", false)]
    [InlineData("HTTP/1.1 200 OK", false)]
    [InlineData("SSH-2.0-OpenSSH_9.6", false)]
    public void What_it_says_before_its_answer_is_none(string head, bool isInterim) => Assert.Equal(isInterim, ProxyWords.IsInterim(Encoding.UTF8.GetBytes(head)));

    [Fact]
    public void A_long_reason_is_cut() => Assert.InRange(Refused($"HTTP/1.1 500 {new string('x', 5_000)}")!.Length, 60, 200);

    private static string? Refused(string head, bool hasLogin = false) => ProxyWords.Refused(Encoding.UTF8.GetBytes(head), "proxy.example:3128", "api.example.com:443", hasLogin);
}
