using System.Text.Json;
using Helix.Core.Manifests;

namespace Helix.Core.Tests.Manifests;

public class RecordedRunsTests
{
    [Fact]
    public void The_real_engine_counts_for_more_than_a_stand_in()
    {
        var runs = RecordedRuns.Read(
            """{"a": {"stand-in": {"release": "1", "date": "2026-01-02", "platform": "linux-x64"}, "engine": {"release": "2.0", "date": "2026-01-03", "platform": "linux-arm64"}}, "b": {"stand-in": {"release": "1", "date": "2026-01-02", "platform": "linux-x64"}}}""");

        Assert.Equal("real engine 2.0 on 2026-01-03, linux-arm64", runs["a"].Words);
        Assert.Equal("stand-in only", runs["b"].Words);
        Assert.Equal("", ProviderRuns.None.Words);
    }

    [Theory]
    [InlineData("""{"a": {"engine": {"release": null, "date": "2026-01-02", "platform": "x"}}}""")]
    [InlineData("[")]
    public void What_the_tests_did_not_write_is_refused(string json) => Assert.ThrowsAny<JsonException>(() => RecordedRuns.Read(json));
}
