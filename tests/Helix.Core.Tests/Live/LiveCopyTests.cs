using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;
using Helix.Core.Live;

namespace Helix.Core.Tests.Live;

public sealed class LiveCopyTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 29, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Whoever_followed_from_the_beginning_has_what_a_newcomer_is_told() =>
        // of four values at each reading; less than nothing stands for none
        Gen.Int[-1, 3].Array[4].Array[1, 12].Sample(readings =>
        {
            var state = new LiveSectionState("figures");
            var (follower, number) = (new LiveCopy(), 0);
            Give(follower, LiveText.Snapshot(new(7, 0), s_now, [state]));
            foreach (var reading in readings)
            {
                var changes = state.Take(Read(reading));
                if (changes.Count > 0) Give(follower, LiveText.Change(new(7, ++number), s_now, [new("figures", changes)]));
            }

            var newcomer = new LiveCopy();
            Give(newcomer, LiveText.Snapshot(new(7, number), s_now, [state]));
            Assert.Equal(Text(newcomer), Text(follower));
        });

    [Fact]
    public void A_snapshot_forgets_what_was_before()
    {
        var live = new LiveCopy();
        Assert.True(live.Take(new("snapshot", "1-1", """{"at":"2026-11-29T10:00:00+00:00","state":{"figures":{"a":1}}}""")));
        Assert.True(live.Take(new("snapshot", "1-2", """{"at":"2026-11-29T10:00:01+00:00","state":{"figures":{"b":2}}}""")));

        Assert.Equal("""{"at":"2026-11-29T10:00:01+00:00","figures":{"b":2}}""", Text(live));
        Assert.Null(live.Find("figures", "a"));
        Assert.Empty(live.Part("nothing"));
    }

    [Theory]
    [InlineData("change", """{"at":"2026-11-29T10:00:00+00:00","set":{}}""")]
    [InlineData("snapshot", "{")]
    [InlineData("snapshot", "7")]
    [InlineData("snapshot", """{"at":"2026-11-29T10:00:00+00:00"}""")]
    [InlineData("snapshot", """{"at":7,"state":{}}""")]
    public void What_makes_no_sense_is_not_taken(string kind, string data) => Assert.False(new LiveCopy().Take(new(kind, null, data)));

    [Fact]
    public void Events_that_a_newer_helix_sends_are_passed_over() => Assert.True(new LiveCopy().Take(new("music", null, "la")));

    [Fact]
    public void Lines_become_events()
    {
        var telling = new LiveTelling();
        string[] lines = ["retry: 500", "", ": ", "", "id: 7-1", "event: change", "data: {}", "", "event: signed-out", "data: 1", ""];

        Assert.Equal([new LiveTold("change", "7-1", "{}"), new LiveTold("signed-out", null, "1")], lines.Select(telling.Take).OfType<LiveTold>());
    }

    [Fact]
    public void A_value_is_read_with_forbearance()
    {
        var live = new LiveCopy();
        live.Take(new("snapshot", null, """{"at":"2026-11-29T10:00:00+00:00","state":{"p":{"a":{"text":"x","number":1.5,"yes":true,"at":"2026-11-29T10:00:00+00:00","words":["a",1,"b"],"in":{"n":2},"none":null}}}}"""));
        var value = new LiveValue(live.Find("p", "a"));

        Assert.Equal("x", value.Text("text"));
        Assert.Equal(1.5, value.Number("number"));
        Assert.True(value.Is("yes"));
        Assert.Equal(s_now, value.Moment("at"));
        Assert.Equal(["a", "b"], value.Words("words"));
        Assert.Equal(2, value.In("in").Number("n"));
        Assert.Equal("", value.Text("number"));
        Assert.Null(value.Number("text"));
        Assert.False(value.Is("text"));
        Assert.Null(value.Moment("text"));
        Assert.Equal("", new LiveValue(null).Text("a"));
        Assert.Null(value.In("none").Number("n"));
        Assert.Empty(value.Words("text"));
    }

    private static LiveReading Read(int[] values)
    {
        var reading = new LiveReading();
        for (var at = 0; at < values.Length; at++)
            if (values[at] >= 0) reading.Add($"k{at}", values[at], LiveTestJson.Default.Int32);
        return reading;
    }

    /// <summary>As it stands on the wire.</summary>
    private static void Give(LiveCopy live, byte[] frame)
    {
        var telling = new LiveTelling();
        var told = Encoding.UTF8.GetString(frame).Split('\n').Select(telling.Take).OfType<LiveTold>().Single();
        Assert.True(live.Take(told));
    }

    private static string Text(LiveCopy live)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes)) live.WriteTo(json);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
