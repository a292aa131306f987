using System.Text;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class UsageTailTests
{
    private static readonly string s_picture =
        """{"created":1,"data":[{"b64_json":"X"}],"usage":{"total_tokens":100,"input_tokens":50,"output_tokens":50,"input_tokens_details":{"text_tokens":10,"image_tokens":40}}}""".Replace("X", new string('A', 5_000), StringComparison.Ordinal);

    [Fact]
    public void What_it_took_is_heard_wherever_the_answer_is_cut()
    {
        var body = Encoding.UTF8.GetBytes(s_picture);
        for (var cut = 1; cut < body.Length; cut++)
        {
            var tail = new UsageTail();
            var first = tail.In(body.AsSpan(0, cut));

            Assert.Equal(new TokenUsage(50, 50, 0), tail.In(body.AsSpan(cut)) ?? first);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(3000)]
    public void Many_small_pieces_are_one_answer(int size)
    {
        var (tail, told) = (new UsageTail(), default(TokenUsage?));
        foreach (var piece in Encoding.UTF8.GetBytes(s_picture).Chunk(size)) told = tail.In(piece) ?? told;

        Assert.Equal(new TokenUsage(50, 50, 0), told);
    }

    [Fact]
    public void Where_texts_are_only_read_a_total_is_what_was_read()
    {
        var ranking = """{"results":[],"usage":{"total_tokens":12}}"""u8;

        Assert.Equal(new TokenUsage(12, 0, 0), new UsageTail(isRead: true).In(ranking));
        Assert.Null(new UsageTail().In(ranking));
        Assert.Null(new UsageTail(isRead: true).In("""{"usage":{"type":"duration","seconds":3}}"""u8));
    }
}
