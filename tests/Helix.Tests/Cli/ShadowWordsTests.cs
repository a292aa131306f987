using Helix.Contracts;
using Helix.Tests.Cli.Fakes;

namespace Helix.Tests.Cli;

public sealed class ShadowWordsTests
{
    [Fact]
    public async Task How_alike_answers_of_shadows_were_is_told_below_the_usage()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        var row = new UsageReport(FakeDaemon.Moment, null, null, null, 8, 0, 0, 0, 100, 50, 0, 0, null, null, null);
        ShadowReport[] shadows = [new("big", "small", 8, 1, 3, 2, 1, 1, 0.7312), new("big", "tiny", 1, 0, 0, 0, 1, 0, null)];
        daemon.On("GET /helix/v1/usage", new UsageList("hour", FakeDaemon.Moment, [row], null, shadows), UsageJson.Default.UsageList);

        await line.RunAsync("usage");

        Assert.Equal(
            """
            since the daemon began, big and its shadow small: 1 of 4 answers equal, 73.1 % of the words on average; 2 could not be compared, 1 failed, 1 were not asked
            since the daemon began, big and its shadow tiny: no answers compared; 0 could not be compared, 1 failed, 0 were not asked

            """,
            line.Error);
        Assert.DoesNotContain("shadow", line.Out, StringComparison.Ordinal);
    }
}
