using System.Text;
using CsCheck;
using Helix.Core.Screen;

namespace Helix.Core.Tests.Screen;

public sealed class KeyTests
{
    [Theory]
    [InlineData("\e[A", "Up")]
    [InlineData("\eOB", "Down")]
    [InlineData("\e[5~\e[6~", "PageUp PageDown")]
    [InlineData("\e[1~\e[F", "Home End")]
    [InlineData("\e", "Escape")]
    [InlineData("\r\n", "Enter Enter")]
    [InlineData("\u007f\b", "Backspace Backspace")]
    [InlineData("\t", "Tab")]
    [InlineData("\u0003\u001a\f", "Interrupt Suspend Redraw")]
    [InlineData("\e[1;5C", "")]
    [InlineData("\e[", "")]
    [InlineData("\u0001", "")]
    [InlineData("q", "q")]
    [InlineData("ü模", "ü 模")]
    [InlineData("\e[Aq\e[B", "Up q Down")]
    public void Keys_are_known_by_what_terminals_send(string typed, string keys) =>
        Assert.Equal(keys, string.Join(' ', Key.Read(Encoding.UTF8.GetBytes(typed)).Select(key => key.Kind == KeyKind.Letter ? key.Letter.ToString() : key.Kind.ToString())));

    [Fact]
    public void Whatever_is_typed_comes_to_an_end() => Gen.Byte.Array[0, 40].Sample(bytes => Assert.True(Key.Read(bytes).Count <= bytes.Length));
}
