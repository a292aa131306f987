using CsCheck;
using Helix.Core.Connect;

namespace Helix.Core.Tests.Connect;

public sealed class UnifiedDiffTests
{
    [Fact]
    public void A_change_is_shown_with_the_lines_around_it() =>
        Assert.Equal(
            "--- f\n+++ f\n@@ -2,7 +2,8 @@\n 2\n 3\n 4\n-5\n+five\n+and a half\n 6\n 7\n 8\n",
            UnifiedDiff.Of("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\nand a half\n6\n7\n8\n9\n", "f"));

    [Fact]
    public void A_file_comes_from_nothing_and_goes_to_nothing()
    {
        Assert.Equal("--- /dev/null\n+++ f\n@@ -0,0 +1 @@\n+a\n", UnifiedDiff.Of(null, "a\n", "f"));
        Assert.Equal("--- f\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n", UnifiedDiff.Of("a\nb\n", null, "f"));
        Assert.Equal("", UnifiedDiff.Of("a\n", "a\n", "f"));
        Assert.Equal("", UnifiedDiff.Of(null, null, "f"));
    }

    [Fact]
    public void The_end_of_a_last_line_counts() =>
        Assert.Equal("--- f\n+++ f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n", UnifiedDiff.Of("a", "a\n", "f"));

    [Fact]
    public void Changes_far_from_each_other_are_two_hunks()
    {
        var lines = Enumerable.Range(0, 40).Select(number => $"line {number}").ToArray();
        var changed = lines.Select((line, at) => at is 5 or 30 ? "new" : line);

        Assert.Equal(2, UnifiedDiff.Of(string.Join('\n', lines), string.Join('\n', changed), "f").Split("\n@@ ").Length - 1);
    }

    [Fact]
    public void Texts_too_long_to_be_compared_line_by_line_are_shown_whole()
    {
        var old = Enumerable.Range(0, 2500).Select(number => $"old {number}\n").ToArray();
        var now = Enumerable.Range(0, 2500).Select(number => $"new {number}\n").ToArray();
        // one line in the middle of both would be found if anybody looked for it
        (old[1000], now[2000]) = ("same\n", "same\n");
        var (from, to) = ("head\n" + string.Concat(old) + "tail\n", "head\n" + string.Concat(now) + "tail\n");

        var diff = UnifiedDiff.Of(from, to, "f");

        Assert.Equal(to, Applied(from, diff));
        Assert.Contains("\n-same\n", diff, StringComparison.Ordinal);
        Assert.Contains("\n+same\n", diff, StringComparison.Ordinal);
        Assert.Contains("\n head\n", diff, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_applies_the_diff_has_the_second_text() =>
        Gen.Select(Gen.OneOf("a", "b", "c", "").Array[0, 30], Gen.OneOf("a", "b", "c", "").Array[0, 30]).Sample((old, now) =>
        {
            var (from, to) = (string.Concat(old.Select(line => line + "\n")), string.Concat(now.Select(line => line + "\n")));

            Assert.Equal(to, Applied(from, UnifiedDiff.Of(from, to, "f")));
        });

    private static string Applied(string from, string diff)
    {
        var old = from.Split('\n')[..^1];
        var now = new List<string>();
        var at = 0;
        foreach (var line in diff.Split('\n').Skip(2).Where(line => line.Length > 0))
        {
            switch (line[0])
            {
                case '@':
                    var span = line.Split(' ')[1][1..].Split(',');
                    var start = int.Parse(span[0], System.Globalization.CultureInfo.InvariantCulture) - (span is [_, "0"] ? 0 : 1);
                    while (at < start) now.Add(old[at++]);
                    break;
                case '+': now.Add(line[1..]); break;
                default:
                    Assert.Equal(old[at], line[1..]);
                    if (line[0] == ' ') now.Add(old[at]);
                    at++;
                    break;
            }
        }

        while (at < old.Length) now.Add(old[at++]);
        return string.Concat(now.Select(line => line + "\n"));
    }
}
