using Helix.Core.Access;

namespace Helix.Core.Tests.Access;

public class SessionRulesTests
{
    private static readonly DateTimeOffset s_begun = new(2026, 11, 1, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_session_ends_a_week_after_its_last_use_and_a_month_after_its_beginning()
    {
        Assert.Equal(s_begun.AddDays(7), SessionRules.Ends(s_begun, s_begun));
        Assert.Equal(s_begun.AddDays(12), SessionRules.Ends(s_begun, s_begun.AddDays(5)));
        Assert.Equal(s_begun.AddDays(30), SessionRules.Ends(s_begun, s_begun.AddDays(29)));
    }

    [Fact]
    public void A_secret_has_all_of_its_random_bits_in_letters_that_need_no_escape()
    {
        var secret = SessionRules.Secret([.. Enumerable.Range(0, 32).Select(number => (byte)(number * 8))]);

        Assert.Equal(SessionRules.SecretLength, secret.Length);
        Assert.All(secret, letter => Assert.True(char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'));
        Assert.NotEqual(secret, SessionRules.Secret(new byte[32]));
    }

    [Theory]
    [InlineData("helix-session-4359", true)]
    [InlineData("__Host-helix-session-1", true)]
    [InlineData("helix-open-1", false)]
    [InlineData("session", false)]
    [InlineData("__Host-session", false)]
    public void Its_cookie_is_known_by_its_name(string name, bool isOurs) => Assert.Equal(isOurs, SessionRules.IsCookie(name));

    [Fact]
    public void Its_cookie_is_bound_to_the_host_where_it_goes_over_tls()
    {
        Assert.Equal("helix-session-4359", SessionRules.CookieName(4359, isSecure: false));
        Assert.Equal("__Host-helix-session-4359", SessionRules.CookieName(4359, isSecure: true));
    }
}
