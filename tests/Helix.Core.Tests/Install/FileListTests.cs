using CsCheck;
using Helix.Core.Install;

namespace Helix.Core.Tests.Install;

public class FileListTests
{
    private static readonly FileList s_list = FileList.Of([new("bin/server", FileList.MarkOf("aa", isExecutable: true)), new("lib/x.so", FileList.MarkOf("bb", false)), new("bin/python", FileList.LinkTo("/usr/bin/python3"))]);

    [Fact]
    public void What_is_written_is_read_again_whatever_the_names_are() => Gen.Dictionary(Gen.String[1, 20], Gen.String[1, 20]).Sample(marks =>
    {
        var list = FileList.Of(marks);
        if (marks.Count > 0) Assert.Equal(list.Marks, FileList.Parse(list.Text())!.Marks);
    });

    [Theory]
    [InlineData("")]
    [InlineData("aa\tb")]
    [InlineData("aa\tb\ncc")]
    [InlineData("aa b\n")]
    public void A_list_that_was_cut_off_is_none(string text) => Assert.Null(FileList.Parse(text));

    [Fact]
    public void Changed_missing_and_added_programs_are_told_apart()
    {
        var now = FileList.Of([new("bin/server", FileList.MarkOf("ac", true)), new("bin/python", FileList.LinkTo("/tmp/python3")), new("evil.py", "dd")]);

        var changes = s_list.To(now);

        Assert.Equal(["bin/python", "bin/server"], changes.Changed);
        Assert.Equal(["lib/x.so"], changes.Missing);
        Assert.Equal(["evil.py"], changes.Added);
        Assert.True(s_list.To(s_list).IsEmpty);
    }

    [Theory]
    [InlineData("notes.txt", "dd", false)]
    [InlineData("tool", "dd*", true)]
    [InlineData("lib/y.so.1.2", "dd", true)]
    [InlineData("lib/site.pth", "dd", true)]
    [InlineData("link", "->/tmp/x", true)]
    [InlineData("lib/__pycache__/x.cpython-312.pyc", "dd", false)]
    public void Only_what_would_be_run_counts_where_it_was_added(string path, string mark, bool counts) =>
        Assert.Equal(counts, !s_list.To(FileList.Of(s_list.Marks.Add(path, mark))).IsEmpty);
}
