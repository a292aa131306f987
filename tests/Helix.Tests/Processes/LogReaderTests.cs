using System.Text;
using Helix.Processes;

namespace Helix.Tests.Processes;

public sealed class LogReaderTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void What_does_not_fit_at_once_comes_next_and_nothing_is_lost_or_torn()
    {
        var all = string.Concat(Enumerable.Range(0, 200_000).Select(i => $"größte Zeile {i}\n"));
        File.WriteAllText(_path, all);
        Assert.True(Encoding.UTF8.GetByteCount(all) > 3 * LogReader.Most);
        var reader = new LogReader(_path, 0);
        var read = new StringBuilder();

        for (string text; (text = reader.NewText()).Length > 0;)
        {
            Assert.Equal('\n', text[^1]);
            read.Append(text);
        }

        Assert.Equal(all, read.ToString());
    }

    [Fact]
    public void Half_a_line_is_waited_for()
    {
        var reader = new LogReader(_path, 0);
        File.AppendAllText(_path, "one\ntw");
        Assert.Equal("one\n", reader.NewText());
        Assert.Equal("", reader.NewText());

        File.AppendAllText(_path, "o\n");
        Assert.Equal("two\n", reader.NewText());
    }

    [Theory]
    [InlineData("x")]
    [InlineData("xé")]
    [InlineData("x€")]
    [InlineData("x🙂")]
    public void A_line_without_end_is_given_in_pieces_that_are_whole_characters(string piece)
    {
        var all = string.Concat(Enumerable.Repeat(piece, LogReader.Most)) + "\n";
        File.WriteAllText(_path, all);
        var reader = new LogReader(_path, 0);
        var read = new StringBuilder();

        for (string text; (text = reader.NewText()).Length > 0;) read.Append(text);

        Assert.Equal(all, read.ToString());
    }

    [Fact]
    public void A_log_that_was_rotated_is_read_from_its_new_beginning()
    {
        File.WriteAllText(_path, "of yesterday\n");
        var reader = new LogReader(_path, new FileInfo(_path).Length);

        File.WriteAllText(_path, "new\n");

        Assert.Equal("new\n", reader.NewText());
    }

    [Fact]
    public void A_file_that_is_not_there_says_nothing() => Assert.Equal("", new LogReader("/nowhere/log", 0).NewText());
}
