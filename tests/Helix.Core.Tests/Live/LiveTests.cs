using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CsCheck;
using Helix.Core.Live;

namespace Helix.Core.Tests.Live;

public class LiveTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 29, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Whoever_applies_the_changes_has_what_a_newcomer_is_told() =>
        // of four values at each reading; less than nothing stands for none
        Gen.Int[-1, 3].Array[4].Array[1, 12].Sample(readings =>
        {
            var state = new LiveSectionState("figures");
            JsonNode shown = new JsonObject();
            var number = 0;
            foreach (var reading in readings)
            {
                var changes = state.Take(Read(Enumerable.Range(0, 4).Where(at => reading[at] >= 0).ToDictionary(at => $"k{at}", at => reading[at])));
                if (changes.Count == 0) continue;
                foreach (var (key, value) in Data(LiveText.Change(new(7, ++number), s_now, [new("figures", changes)]))["set"]!["figures"]!.AsObject())
                {
                    if (value is null) shown.AsObject().Remove(key);
                    else shown[key] = value.DeepClone();
                }
            }

            Assert.True(JsonNode.DeepEquals(Sorted(shown), Data(LiveText.Snapshot(new(7, number), s_now, [state]))["state"]!["figures"]));
        });

    [Fact]
    public void What_is_the_same_is_not_told_again()
    {
        var state = new LiveSectionState("figures");
        Assert.Single(state.Take(Read(new() { ["a"] = 1 })));

        Assert.Empty(state.Take(Read(new() { ["a"] = 1 })));
        Assert.Equal("b", Assert.Single(state.Take(Read(new() { ["a"] = 1, ["b"] = 1 }))).Key);
        Assert.Null(Assert.Single(state.Take(Read(new() { ["a"] = 1 }))).Json);
    }

    [Fact]
    public void Nobodys_words_begin_an_event_of_their_own_or_a_tag()
    {
        var reading = new LiveReading();
        reading.Add("x\n\ndata: y", "a\r\n\r\nevent: snapshot\ndata: {}\n\n<script>alert(1)</script>\u2028", LiveTestJson.Default.String);
        var state = new LiveSectionState("events");
        var text = Encoding.UTF8.GetString(LiveText.Change(new(1, 1), s_now, [new("events", state.Take(reading))]));

        Assert.Equal(3, text.TrimEnd('\n').Split('\n').Length);
        Assert.EndsWith("}\n\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain('<', text);
        Assert.DoesNotContain('\r', text);
    }

    [Theory]
    [InlineData("0000002a-7", true)]
    [InlineData("2a-7", true)]
    [InlineData("2a-", false)]
    [InlineData("-7", false)]
    [InlineData("2a", false)]
    [InlineData("2a--7", false)]
    [InlineData("xyz-7", false)]
    [InlineData("123456789-7", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void An_id_is_read_as_it_was_written(string? text, bool isOne) => Assert.Equal(isOne ? new LiveId(0x2a, 7) : default(LiveId?), LiveId.Parse(text));

    [Fact]
    public void Who_comes_back_gets_what_he_missed_as_long_as_it_is_there()
    {
        var ring = new LiveRing(3, 1000);
        for (var number = 1; number <= 5; number++) ring.Add(number, [(byte)number]);

        Assert.Equal([3, 4, 5], ring.After(2)!.Select(bytes => bytes[0]));
        Assert.Equal([5], ring.After(4)!.Select(bytes => bytes[0]));
        Assert.Empty(ring.After(5)!);
        Assert.Null(ring.After(1));
        Assert.Null(ring.After(6));
    }

    [Fact]
    public void What_is_held_for_them_has_a_limit_in_bytes_too()
    {
        var ring = new LiveRing(100, 10);
        ring.Add(1, new byte[6]);
        ring.Add(2, new byte[6]);
        ring.Add(3, new byte[60]);

        Assert.Equal(60, Assert.Single(ring.After(2)!).Length);
        Assert.Null(ring.After(1));
    }

    private static LiveReading Read(Dictionary<string, int> values)
    {
        var reading = new LiveReading();
        foreach (var (key, value) in values) reading.Add(key, value, LiveTestJson.Default.Int32);
        return reading;
    }

    private static JsonNode Data(byte[] frame) => JsonNode.Parse(Encoding.UTF8.GetString(frame).Split('\n').Single(line => line.StartsWith("data: ", StringComparison.Ordinal))["data: ".Length..])!;

    private static JsonObject Sorted(JsonNode node) => new(node.AsObject().OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone())));
}

[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int))]
internal sealed partial class LiveTestJson : JsonSerializerContext;
