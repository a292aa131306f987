using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Helix.Core.Configuration;
using Helix.Core.Manifests;
using Helix.Core.Planning;

namespace Helix.Core.Tests.Manifests;

public sealed class LimitsTests
{
    [Theory]
    [InlineData(8192, 8192)]
    [InlineData(1000, 768)]
    [InlineData(100, 256)]
    [InlineData(5_000_000, 16384)]
    public void A_value_stays_within_its_range_and_on_its_step(int wanted, int given) => Assert.Equal(given, Read().Tunes.Within(Tunable.Context, wanted));

    [Fact]
    public void A_knob_without_a_range_is_left_as_it_is() => Assert.Equal(77, Read().Tunes.Within(Tunable.Threads, 77));

    [Fact]
    public void The_plan_gives_no_more_slots_than_may_be_tuned() => Assert.Equal(4, PlannedProvider.Of(Read()).MostSlots);

    [Fact]
    public void What_it_may_touch_is_what_is_written_and_nothing_else()
    {
        var touches = Read().Touches!;

        Assert.Equal(("loopback", true, false), (touches.Network, touches.WritesCode, touches.SharedMemory));
        Assert.Equal(["/dev/dri/*"], touches.Devices);
        Assert.Empty(touches.Reads);
    }

    [Fact]
    public void Each_step_of_a_start_has_its_own_time_and_what_is_not_written_has_that_of_the_whole()
    {
        var launch = Read().Launch!;

        Assert.Equal(new StepPatience(TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(90), StepPatience.UsualCanary), launch.Steps);
        Assert.Equal(TimeSpan.FromSeconds(7 + 20), launch.Steps.For(1_000_000_000).Listen);
        Assert.Equal(StepPatience.UsualCanary + TimeSpan.FromSeconds(20), launch.Steps.For(1_000_000_000).Canary);
    }

    [Fact]
    public void What_listens_on_a_port_has_a_loopback() =>
        Assert.Equal(
            ["sandbox.network: is loopback for what listens on a port (launch.listen)"],
            Assert.IsType<ManifestOutcome.Bad>(Parse(Written.Replace("\"loopback\"", "\"none\"", StringComparison.Ordinal))).Errors.Select(error => error.ToString()));

    private const string Written = """
        {"id": "mine", "name": "Mine", "category": "foundation", "description": "An engine.", "licence": "MIT", "home": "https://example.org", "tier": 2,
         "runs": {"elsewhere": "no", "platforms": [{"os": "linux", "architectures": ["x64"]}]},
         "models": {"formats": ["gguf"]}, "serves": {"dialects": ["openai"], "abilities": ["chat", "prefix"]},
         "launch": {"listen": "port", "start_seconds": 90, "listen_seconds": 7, "instances": 1, "processes": [{"program": "{release}/server"}]},
         "tunes": [{"knob": "context", "least": 256, "most": 16384, "step": 256, "costs": "restart"}, {"knob": "slots", "least": 1, "most": 4, "costs": "restart"},
           {"knob": "kv_type", "choices": ["f16", "q8_0"], "costs": "restart"}],
         "sandbox": {"network": "loopback", "devices": ["/dev/dri/*"], "writes_code": true}}
        """;

    private static Manifest Read() => Assert.IsType<ManifestOutcome.Good>(Parse(Written)).Manifest;

    private static ManifestOutcome Parse(string text) => ManifestParser.Parse(new ConfigDocument(JsonNode.Parse(text)!.AsObject(), ImmutableDictionary<string, int>.Empty));
}
