using CsCheck;
using Helix.Core.Cli;
using Helix.Core.Tests.Screen;

namespace Helix.Core.Tests.Cli;

public sealed class PlainTextTests
{
    [Theory]
    [InlineData("red \e[31m text", "red \ufffd[31m text")]
    [InlineData("\e]0;a title\a", "\ufffd]0;a title\ufffd")]
    [InlineData("\u009b2J", "\ufffd2J")]
    [InlineData("model\u202Egguf", "model\ufffdgguf")]
    [InlineData("one\r\ntwo\tthree\rfour", "one\ntwo\tthreefour")]
    [InlineData("क्षि e\u0301 👩‍👩‍👧 \u2067مرحبا\u2069", "क्षि e\u0301 👩‍👩‍👧 \u2067مرحبا\u2069")]
    public void What_steers_a_terminal_is_shown_and_does_nothing(string words, string plain) => Assert.Equal(plain, PlainText.Of(words));

    [Fact]
    public void Nothing_that_steers_is_left_and_what_is_plain_stays() => CellTextTests.Words.Sample(words =>
    {
        var plain = PlainText.Of(words);
        Assert.DoesNotContain(plain, letter => char.IsControl(letter) && letter is not ('\n' or '\t'));
        Assert.Equal(plain, PlainText.Of(plain));
    });
}
