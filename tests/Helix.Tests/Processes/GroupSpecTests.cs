using Helix.Processes;

namespace Helix.Tests.Processes;

public sealed class GroupSpecTests
{
    [Fact]
    public void What_is_written_is_read_again()
    {
        var spec = new GroupSpec([["env", "A=1", "tool"]], [new(["server", "--port", "1"], "/health", 1), new(["worker"], null, 2)], [["tool", "down"]], 7.5);

        var read = GroupSpec.Parse(spec.Text)!;

        Assert.Equal(spec.Text, read.Text);
        Assert.Equal(["env", "A=1", "tool"], read.Before.Single());
        Assert.Equal([("/health", 1), (null, 2)], read.Processes.Select(process => (process.Ready, process.Port)));
        Assert.Equal(["tool", "down"], read.After.Single());
        Assert.Equal(7.5, read.StopSeconds);
    }

    [Fact]
    public void What_is_no_specification_is_refused() => Assert.Null(GroupSpec.Parse("{\"before\": 1"));
}
