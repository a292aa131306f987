using Helix.Core.Fleet;

namespace Helix.Core.Tests.Fleet;

public class ExitWordsTests
{
    [Theory]
    [InlineData(null, 9, "SIGKILL")]
    [InlineData(null, 6, "SIGABRT")]
    [InlineData(null, 11, "SIGSEGV")]
    [InlineData(7, null, "exit code 7")]
    [InlineData(null, null, "unknown")]
    public void Every_end_has_its_words(int? code, int? signal, string named) =>
        Assert.Contains(named, ExitWords.Describe(code, signal, null));

    [Fact]
    public void An_abort_is_told_with_the_last_words() =>
        Assert.Contains("GGML_ASSERT(x) failed", ExitWords.Describe(null, 6, "GGML_ASSERT(x) failed"));

    [Fact]
    public void A_kill_from_outside_is_not_blamed_on_what_it_wrote_last() =>
        Assert.DoesNotContain("ready", ExitWords.Describe(null, 9, "ready"));
}
