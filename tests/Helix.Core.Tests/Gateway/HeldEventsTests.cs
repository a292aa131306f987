using System.Text;
using CsCheck;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public class HeldEventsTests
{
    [Theory]
    [InlineData("data: a\n\n", 9)]
    [InlineData("data: a\n\ndata: b", 9)]
    [InlineData("data: a\r\n\r\ndata", 11)]
    [InlineData("data: a\r\rdata", 9)]
    [InlineData("data: a\n", 0)]
    [InlineData("data: a\r\n\r", 0)]
    [InlineData("data: a\n\r\n", 10)]
    [InlineData("", 0)]
    public void A_blank_line_closes_an_event(string text, int whole) => Assert.Equal(whole, SseEvents.WholeLength(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("data: a\n\ndata: b\n\n", 9)]
    [InlineData("data: a\r\n\r\ndata: b\r\n\r\n", 11)]
    [InlineData("data: a\r\rdata: b\r\r", 9)]
    [InlineData(": ping\n\n", 8)]
    [InlineData("\ndata: a\n\n", 10)]
    [InlineData("data: a\n", 8)]
    [InlineData("", 0)]
    public void The_first_event_ends_with_the_first_blank_line(string text, int first) => Assert.Equal(first, SseEvents.FirstLength(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void However_a_stream_is_cut_only_whole_events_come_passedand_nothing_is_lost() =>
        Gen.Select(Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 0, 9], Gen.OneOf("\n", "\r\n")).Array[0, 9], Gen.String[Gen.Char.AlphaNumeric, 0, 5], Gen.Int[1, 7].Array[1, 40])
            .Sample((events, half, cuts) =>
            {
                var stream = Encoding.UTF8.GetBytes(string.Concat(events.Select(e => $"data: {e.Item1}{e.Item2}{e.Item2}")) + half);
                var held = new HeldEvents();
                var seen = new List<byte>();
                var whole = true;
                for (int at = 0, n = 0; at < stream.Length; n++)
                {
                    var length = Math.Min(cuts[n % cuts.Length], stream.Length - at);
                    var passed = held.Push(stream.AsMemory(at, length));
                    whole &= SseEvents.WholeLength(passed.Span) == passed.Length;
                    seen.AddRange(passed.Span);
                    at += length;
                }

                return whole && seen.Count == stream.Length - half.Length && seen.Concat(held.Rest.ToArray()).SequenceEqual(stream);
            });
}
