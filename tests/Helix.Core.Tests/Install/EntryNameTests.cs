using CsCheck;
using Helix.Core.Install;

namespace Helix.Core.Tests.Install;

public sealed class EntryNameTests
{
    [Theory]
    [InlineData("a/b", 0, "a/b")]
    [InlineData("./a//b/./c", 0, "a/b/c")]
    [InlineData("a\\b", 0, "a/b")]
    [InlineData("top/a/b", 1, "a/b")]
    [InlineData("a/..b/...", 0, "a/..b/...")]
    public void A_name_is_made_plain(string name, int strip, string expected) => Assert.Equal(new EntryName.Good(expected), EntryName.Of(name, strip));

    [Theory]
    [InlineData("", 0)]
    [InlineData("./", 0)]
    [InlineData("top/", 1)]
    [InlineData("README", 1)]
    public void What_is_left_out_is_nowhere(string name, int strip) => Assert.IsType<EntryName.Outside>(EntryName.Of(name, strip));

    [Theory]
    [InlineData("../a")]
    [InlineData("a/../../b")]
    [InlineData("a/../b")]
    [InlineData("..\\a")]
    [InlineData("/etc/passwd")]
    [InlineData("\\etc")]
    [InlineData("C:\\a")]
    [InlineData("c:a")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    public void What_leads_out_is_refused(string name) => Assert.IsType<EntryName.Bad>(EntryName.Of(name, 0));

    [Theory]
    [InlineData("lib/a.so", "a.so.1", true)]
    [InlineData("lib/a.so", "../other/a.so", true)]
    [InlineData("lib/deep/a", "../../a", true)]
    [InlineData("a", "b/c", true)]
    [InlineData("a", "..", false)]
    [InlineData("a", "../x", false)]
    [InlineData("lib/a", "../../x", false)]
    [InlineData("lib/a", "x/../../../y", false)]
    [InlineData("a", "b/..", false)]
    [InlineData("a", "/etc/passwd", false)]
    [InlineData("a", "", false)]
    [InlineData("a", "..\\..\\x", false)]
    public void A_link_stays_inside(string path, string target, bool allowed) => Assert.Equal(allowed, EntryName.RefuseLink(path, target) is null);

    [Fact]
    public void No_name_ever_leads_out()
    {
        var segment = Gen.OneOf("..", ".", "", "a", "b..", "C:", "...");
        Gen.Select(segment.Array[0, 6], Gen.OneOf("/", "\\"), Gen.Int[0, 2]).Sample((segments, between, strip) =>
            EntryName.Of(string.Join(between, segments), strip) is not EntryName.Good(var path)
            || Path.GetFullPath(path, "/root/x").StartsWith("/root/x/", StringComparison.Ordinal));
    }
}
