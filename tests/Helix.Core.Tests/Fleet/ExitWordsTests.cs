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
        Assert.Contains(named, ExitWords.Describe(code, signal, null).Words);

    [Fact]
    public void An_abort_is_told_with_the_last_words() =>
        Assert.Contains("GGML_ASSERT(x) failed", ExitWords.Describe(null, 6, "GGML_ASSERT(x) failed").Words);

    [Fact]
    public void A_kill_from_outside_is_not_blamed_on_what_it_wrote_last() =>
        Assert.DoesNotContain("ready", ExitWords.Describe(null, 9, "ready").Words);

    [Theory]
    [InlineData(4, true)]
    [InlineData(3, true)]
    [InlineData(1, false)]
    public void Only_an_engine_that_says_it_cannot_work_is_hopeless(int code, bool hopeless) =>
        Assert.Equal(hopeless, ExitWords.Describe(code, null, null).Hopeless);
}
