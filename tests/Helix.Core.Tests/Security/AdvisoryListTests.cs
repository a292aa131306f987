using System.Text.Json.Nodes;
using Helix.Core.History;
using Helix.Core.Security;

namespace Helix.Core.Tests.Security;

public class AdvisoryListTests
{
    private const string Good = """{"id":"CVE-1","provider":"vllm","affected":{"from":"0.8.3","before":"0.14.1"},"fixed":"0.14.1","severity":"error","what":"it can be ended","source":"https://example.org/1"}""";

    [Theory]
    [InlineData("0.8.2", false)]
    [InlineData("0.8.3", true)]
    [InlineData("0.14.0", true)]
    [InlineData("0.14", true)]
    [InlineData("0.14.0+cu130", true)]
    [InlineData("v0.14.0", true)]
    [InlineData("0.14.1", false)]
    [InlineData("0.14.1.post1", false)]
    [InlineData("0.100.0", false)]
    [InlineData("1.0", false)]
    [InlineData("e632af41", null)]
    [InlineData("0e6d3e4beaab66f4d3f93db72541a4abab8af28d", null)]
    public void A_version_is_compared_number_by_number(string version, bool? isAffected) => Assert.Equal(isAffected, new AffectedVersions("0.8.3", "0.14.1").Has(version));

    [Theory]
    [InlineData("b9058", true)]
    [InlineData("b9059", false)]
    [InlineData("b10566", false)]
    public void The_last_one_that_is_affected_counts_itself(string build, bool isAffected) => Assert.Equal(isAffected, new AffectedVersions("b4882", Through: "b9058").Has(build));

    [Fact]
    public void Of_a_version_with_several_the_worst_is_named_first_and_the_version_without_any_of_them()
    {
        var list = List(Good, """{"id":"CVE-2","provider":"vllm","affected":{"before":"0.32.0"},"fixed":"0.32.0","severity":"critical","what":"it runs anything","source":"https://example.org/2"}""");

        var finding = Assert.Single(list.Of([new("vllm", "0.9.0+cpu"), new("localai", "0.9.0"), new("vllm", "0.32.0")]));

        Assert.Equal((Severity.Critical, "vllm 0.9.0", "helix local-llm install vllm@0.32.0"), (finding.Severity, finding.Subject, finding.Command));
        Assert.Contains("CVE-2, it runs anything, and 1 more (CVE-1)", finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_one_of_them_is_not_mended_anywhere_no_version_is_promised()
    {
        var list = List(Good, """{"id":"CVE-3","provider":"vllm","affected":{"through":"0.31.0"},"severity":"warning","what":"it fetches","source":"https://example.org/3"}""");

        var finding = Assert.Single(list.Of([new("vllm", "0.9.0")]));

        Assert.Null(finding.Command);
        Assert.StartsWith("No version without it was known", finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void What_somebody_else_runs_is_told_of_and_left_to_him() => Assert.Null(Assert.Single(List(Good).Of([new("vllm", "0.9.0", IsAttached: true)])).Command);

    [Theory]
    [InlineData("\"https://example.org/1\"", "\"http://example.org/1\"", "source")]
    [InlineData("\"before\":\"0.14.1\"", "\"before\":null", "affected")]
    [InlineData("\"0.8.3\"", "\"main\"", "'main' is no version")]
    [InlineData("\"error\"", "\"info\"", "severity")]
    [InlineData("\"error\"", "\"awful\"", "severity")]
    [InlineData("\"vllm\"", "\"vLLM\"", "provider")]
    [InlineData("\"what\"", "\"waht\"", "waht")]
    public void What_is_not_right_is_not_taken(string part, string by, string error)
    {
        var (list, errors) = AdvisoryList.Parse(JsonNode.Parse(Text(Good.Replace(part, by, StringComparison.Ordinal))));

        Assert.Null(list);
        Assert.Contains(errors, each => each.Contains(error, StringComparison.Ordinal));
    }

    private static AdvisoryList List(params string[] entries) => AdvisoryList.Parse(JsonNode.Parse(Text(entries))).List!;

    private static string Text(params string[] entries) => $$"""{"number":1,"date":"2026-11-29","advisories":[{{string.Join(',', entries)}}]}""";
}
