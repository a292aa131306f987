using System.Text;
using Helix.Core.Install;

namespace Helix.Core.Tests.Install;

public sealed class NewestVersionTests
{
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
    [InlineData("npm error code E429\nnpm error 429 Too Many Requests - GET https://registry.example/gpt4all\n", true)]
    [InlineData("npm error code E403\n", true)]
    [InlineData("2026-03-10T12:00:00,000 Could not fetch URL https://pypi.org/simple/vllm/: 429 Client Error: Too Many Requests for url: https://pypi.org/simple/vllm/ - skipping\n", true)]
    [InlineData("npm error code E404\n", false)]
    [InlineData("ERROR: No matching distribution found for vllm\n", false)]
    public void A_client_says_that_its_registry_wants_to_be_left_alone(string said, bool isRefusal) => Assert.Equal(isRefusal, NewestVersion.IsRefusal(said));
}
