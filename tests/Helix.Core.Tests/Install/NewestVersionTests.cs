using System.Text;
using Helix.Core.Install;

namespace Helix.Core.Tests.Install;

public sealed class NewestVersionTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("github-releases", "v", """{"tag_name": "v1.9.4", "name": "x"}""", "1.9.4")]
    [InlineData("github-releases", "", """{"tag_name": "b10600"}""", "b10600")]
    [InlineData("github-releases", "v", """{"tag_name": "nightly"}""", "nightly")]
    [InlineData("github-releases", "", """{"tag_name": "x; rm -rf /"}""", null)]
    [InlineData("github-releases", "", """{"tag_name": 7}""", null)]
    [InlineData("github-releases", "", """[]""", null)]
    [InlineData("github-releases", "", "<html>", null)]
    [InlineData("github-commits", "", """[{"sha": "0123456789abcdef0123456789abcdef01234567"}]""", "0123456789abcdef0123456789abcdef01234567")]
    [InlineData("github-commits", "", "[]", null)]
    public void An_answer_names_a_version_or_none(string from, string prefix, string answer, string? version) =>
        Assert.Equal(version, NewestVersion.InAnswer(new(from, "owner/name", prefix), Encoding.UTF8.GetBytes(answer)));

    [Theory]
    [InlineData("4.0.0\n", "4.0.0")]
    [InlineData("npm warn something\n4.0.1-beta.2\n\n", "4.0.1-beta.2")]
    [InlineData("nothing\n", null)]
    [InlineData("", null)]
    public void Npm_says_it_in_its_last_line(string said, string? version) => Assert.Equal(version, NewestVersion.InNpm(said));

    [Theory]
    [InlineData("WARNING: pip index is experimental\nvllm (0.31.0)\nAvailable versions: 0.31.0, 0.30.1\n", "0.31.0")]
    [InlineData("ERROR: No matching distribution found for vllm\n", null)]
    [InlineData("vllm ()\n", null)]
    public void Pip_says_it_in_parentheses(string said, string? version) => Assert.Equal(version, NewestVersion.InPip("vllm", said));

    [Theory]
    [InlineData("1.0", "1.0", "1.0", "up to date")]
    [InlineData("1.0", "1.0", null, "as helix knows it")]
    [InlineData("0.9", "1.0", "1.0", "helix local-llm update mine")]
    [InlineData("0.9", "1.0", "1.1", "helix local-llm update mine")]
    [InlineData("1.0", "1.0", "1.1", "1.1 is newer than what helix knows to be good; by hand: helix local-llm install mine@1.1")]
    [InlineData("1.1", "1.0", "1.1", "up to date")]
    [InlineData("1.0", "1.0", "0.9", "up to date")]
    [InlineData("1.10", "1.10", "1.9", "up to date")]
    [InlineData("abcdef0", "abcdef0", "abcdef0123", "up to date")]
    [InlineData("abcdef0", "abcdef0", "1234567", "1234567 is newer than what helix knows to be good; by hand: helix local-llm install mine@1234567")]
    [InlineData(null, "1.0", "1.0", "not installed; helix local-llm install mine")]
    [InlineData(null, "1.0", "1.1", "not installed; 1.1 is newer than what helix knows to be good; by hand: helix local-llm install mine@1.1")]
    [InlineData(null, null, "1.1", "cannot be installed here; helix local-llm list says why")]
    public void The_advice_follows_from_the_three_versions(string? installed, string? known, string? newest, string advice) =>
        Assert.Equal(advice, UpdateAdvice.Of("mine", installed, known, newest));

    [Theory]
    [InlineData(-61, false)]
    [InlineData(-59, true)]
    [InlineData(5, false)]
    public void A_source_is_asked_once_an_hour_and_again_when_the_clock_went_back(int minutes, bool isFresh) =>
        Assert.Equal(isFresh, NewestNotes.Empty.With("s", new("1", null, s_now.AddMinutes(minutes))).IsFresh("s", s_now));

    [Theory]
    [InlineData(0, true)]
    [InlineData(23, true)]
    [InlineData(25, false)]
    [InlineData(-1, false)]
    public void A_host_that_refused_is_left_alone_for_a_day(int hoursLater, bool isPaused) =>
        Assert.Equal(isPaused, NewestNotes.Empty.WithPause("h", s_now).PausedUntil("h", s_now.AddHours(hoursLater)) is not null);
}
