using System.Text.Json.Nodes;
using Helix.Core.Configuration;

namespace Helix.Core.Tests.Configuration;

public sealed class SettingsTableTests
{
    public static TheoryData<string> Paths => [.. SettingsTable.All.Select(setting => setting.Path)];

    [Theory]
    [MemberData(nameof(Paths))]
    public void Each_default_is_a_value_that_the_setting_allows(string path)
    {
        var setting = SettingsTable.Find(path)!;

        Assert.Null(setting.Refuse(setting.Default));
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void What_is_written_into_a_setting_is_read_from_it_and_from_no_other(string path)
    {
        var setting = SettingsTable.Find(path)!;
        var other = Other(setting);

        var changed = setting.Write(HelixConfig.Default, other);

        Assert.Equal(other.ToJsonString(), setting.Read(changed)!.ToJsonString());
        Assert.Equal([setting], ConfigChanges.Between(HelixConfig.Default, changed));
    }

    [Fact]
    public void Paths_have_two_parts_and_are_unique()
    {
        Assert.Equal(SettingsTable.All.Length, SettingsTable.All.Select(setting => setting.Path).Distinct().Count());
        Assert.All(SettingsTable.All, setting => Assert.Equal(2, setting.Path.Split('.').Length));
    }

    [Fact]
    public void Every_sentence_ends_as_one() => Assert.All(SettingsTable.All, setting => Assert.EndsWith(".", setting.Meaning));

    [Theory]
    [InlineData("health.chek_interval", "health.check_interval")]
    [InlineData("helth.check_interval", "health.check_interval")]
    [InlineData("health.offline", "network.offline")]
    [InlineData("check_interval", "health.check_interval")]
    [InlineData("gateway.prot", "gateway.port")]
    [InlineData("zebra.crossing", null)]
    public void The_path_that_was_meant_is_found(string given, string? meant) => Assert.Equal(meant, SettingsTable.NearestTo(given));

    private static JsonNode Other(Setting setting) => setting.Kind switch
    {
        SettingKind.Toggle => !setting.Default!.GetValue<bool>(),
        SettingKind.Whole whole => whole.Max,
        SettingKind.Amount => 0.25m,
        SettingKind.Choice choice => choice.Values[^1],
        SettingKind.List => new JsonArray("one.example", "two.example"),
        SettingKind.Numbers => new JsonObject { ["throughput"] = 0.25 },
        SettingKind.Texts => new JsonObject { ["other"] = "a, b" },
        _ when setting.Key == "listen" => "0.0.0.0",
        _ => "https://mirror.example",
    };
}
