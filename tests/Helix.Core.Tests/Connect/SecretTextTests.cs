using Helix.Core.Access;
using Helix.Core.Connect;

namespace Helix.Core.Tests.Connect;

/// <summary>What is shown of settings in which other secrets stand, too.</summary>
public sealed class SecretTextTests
{
    [Theory]
    [InlineData("{ \"env\": { \"OPENAI_API_KEY\": \"sk-1\", \"keep\": 1 } }\n")]
    [InlineData("{\n  \"password\":\n    \"sk-1 \\\" sk-2\",\n  \"keep\": 1\n}\n")]
    [InlineData("{\n  \"githubTokens\": [ // ]\n    \"sk-1 ]\",\n    \"sk-2\"\n  ],\n  \"keep\": 1\n}\n")]
    [InlineData("{ \"headers\": { \"Authorization\": \"Bearer sk-1\" }, \"keep\": 1 }\n")]
    [InlineData("{ \"url\": \"http://x/?api_key=sk-1\",\n  \"keep\": 1 }\n")]
    [InlineData("env = { API_KEY = \"sk-1\", keep = 1 }\n")]
    [InlineData("client_secret = '''\nsk-1\n'sk-2'\n'''\nkeep = 1\n")]
    [InlineData("keep = 1\na.token = 'sk-1'\n")]
    [InlineData("openai-api-key: sk-1, sk-2 # sk-3\nkeep: 1\n")]
    [InlineData("api-key: # mine\r\n  - openai=sk-1\r\n\r\n  - other=sk-2\r\nkeep: 1\r\n")]
    [InlineData("a:\n  - api-key:\n    - openai=sk-1\n    keep: 1\n")]
    [InlineData("password: |\n  sk-1\n  sk-2\nkeep: 1\n")]
    [InlineData("secret: 'sk''1 sk-2'\nkeep: 1\n")]
    [InlineData("# openai-api-key: sk-1\nkeep: 1\n")]
    public void Values_of_secrets_are_hidden_and_nothing_else_is(string text)
    {
        var diff = SecretText.Diff(null, text, "f");

        Assert.DoesNotContain("sk", diff, StringComparison.Ordinal);
        Assert.Contains("keep", diff, StringComparison.Ordinal);
        // three lines stand above those of the file
        Assert.Equal(text.Split('\n').Length, diff.Split('\n').Length - 3);
    }

    [Theory]
    [InlineData("token=sk")]
    [InlineData("token=\"sk")]
    [InlineData("token=[ 'sk")]
    [InlineData("token: |\n sk")]
    public void A_text_that_ends_in_a_secret_hides_it_too(string text) => Assert.DoesNotContain("sk", SecretText.Diff(null, text, "f"), StringComparison.Ordinal);

    [Theory]
    [InlineData("token")]
    [InlineData("token=")]
    [InlineData("\"token\":\n")]
    [InlineData("'token':")]
    public void A_name_without_a_value_hides_nothing(string text) => Assert.Equal(UnifiedDiff.Of(null, text, "f"), SecretText.Diff(null, text, "f"));

    [Theory]
    [InlineData("max_tokens: 8192 # enough\n")]
    [InlineData("{ \"maxInputTokens\": 8192, \"name\": \"x\" }\n")]
    [InlineData("model: x\nhost: 'y'\n")]
    [InlineData("openai-api-key:\nmodel: x\n")]
    public void What_is_no_secret_is_shown(string text) => Assert.Equal(UnifiedDiff.Of(null, text, "f"), SecretText.Diff(null, text, "f"));

    [Fact]
    public void A_secret_that_changes_is_seen_to_change_and_one_that_stays_to_stay()
    {
        Assert.Equal("--- f\n+++ f\n@@ -1,2 +1,2 @@\n-api-key: …old\n+api-key: …new\n token: \"…\"\n", SecretText.Diff("api-key: sk-1\ntoken: \"sk\"\n", "api-key: sk-2\ntoken: \"sk\"\n", "f"));
        Assert.Equal("", SecretText.Diff("api-key: sk-1\n", "api-key: sk-1\n", "f"));
    }

    [Fact]
    public void A_key_of_helix_is_shown_as_one()
    {
        var other = ApiKey.From([.. Enumerable.Range(1, 32).Select(number => (byte)number)]);

        Assert.Equal("--- f\n+++ f\n@@ -1 +1 @@\n-api-key: …old\n+api-key: hx_…\n", SecretText.Diff("api-key: sk-1\n", $"api-key: {KeyText.Sample}\n", "f"));
        Assert.Equal("--- f\n+++ f\n@@ -1 +1 @@\n-\"apiKey\": \"hx_…old\"\n+\"apiKey\": \"hx_…\"\n", SecretText.Diff($"\"apiKey\": \"{other}\"\n", $"\"apiKey\": \"{KeyText.Sample}\"\n", "f"));
        Assert.Equal("--- f\n+++ /dev/null\n@@ -1 +0,0 @@\n-key: hx_…\n", SecretText.Diff($"key: {other}\n", null, "f"));
    }
}
