using Helix.Contracts;
using Helix.Tests.Cli.Fakes;

namespace Helix.Tests.Cli;

public sealed class UsageVerbTests
{
    /// <summary>As rows that were not told apart by it, of a machine, of none, and of one that was not noted.</summary>
    [Theory]
    [InlineData(null, "all")]
    [InlineData("box-1", "box-1")]
    [InlineData("", "none")]
    [InlineData("?", "unknown")]
    public async Task The_machine_that_answered_has_its_column(string? node, string word)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        var row = new UsageReport(FakeDaemon.Moment, "k", "p", "m", 8, 0, 0, 0, 100, 50, 0, 0, null, null, null, Node: node);
        daemon.On("GET /helix/v1/usage", new UsageList("hour", FakeDaemon.Moment, [row]), UsageJson.Default.UsageList);

        await line.RunAsync("usage", "--by", "key,provider,model,node");

        var table = line.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var at = table[0].IndexOf("NODE", StringComparison.Ordinal);
        Assert.True(at > 0, table[0]);
        Assert.Equal(word, table[1][at..].Split(' ')[0]);
    }
}
