using Helix.Processes;

namespace Helix.Tests.Processes;

public sealed class KeeperOptionsTests
{
    [Fact]
    public void The_daemon_is_helix_itself_unless_another_is_named()
    {
        var (options, error) = KeeperOptions.Parse(["--home", "/h", "--daemon-argument", "--verbose"]);

        Assert.Null(error);
        Assert.Equal(KeeperOptions.DefaultListen, options!.Listen);
        Assert.Equal(["daemon", "--home", "/h", "--verbose"], options.Daemon("/bin/helix").Arguments.AsEnumerable());
    }

    [Theory]
    [InlineData("", "absolute path")]
    [InlineData("--home here", "absolute path")]
    [InlineData("--home /h --listen localhost:80", "--listen wants")]
    [InlineData("--home /h --listen 127.0.0.1", "--listen wants")]
    [InlineData("--home /h --fast yes", "--fast is not known")]
    [InlineData("--home", "value is missing")]
    public void Anything_else_is_refused(string arguments, string reason)
    {
        var (options, error) = KeeperOptions.Parse(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Null(options);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }
}
