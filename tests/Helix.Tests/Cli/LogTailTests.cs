using Helix.Cli;
using Helix.Tests.Fakes;

namespace Helix.Tests.Cli;

public sealed class LogTailTests
{
    [Fact]
    public async Task The_daemons_log_is_shown_in_words_whatever_it_is_written_in()
    {
        using var temporary = new TemporaryHome();
        var path = Path.Combine(temporary.Home.Root, "daemon.log");
        var tail = new LogTail(path, fromEnd: true);
        await File.WriteAllTextAsync(
            path,
            """
            of text
            {"time":"2026-11-29T10:00:00.000Z","level":"error","category":"Helix.Speaker","message":"it broke","fields":{},"exception":"System.Exception: no\n   at Some.Method()"}
               at Some.Method()

            """,
            TestContext.Current.CancellationToken);

        Assert.Equal(["of text", "2026-11-29T10:00:00.000Z fail: Helix.Speaker it broke System.Exception: no    at Some.Method()"], tail.LastNewLines(5));
    }
}
