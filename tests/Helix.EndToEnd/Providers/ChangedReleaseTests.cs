using System.Text.Json.Nodes;

namespace Helix.EndToEnd.Providers;

/// <summary>A file of an installed release is changed by somebody: helix finds it, says it, installs the release again, and goes on serving.</summary>
public sealed class ChangedReleaseTests(ChangedReleaseTests.Shop shop) : IClassFixture<ChangedReleaseTests.Shop>
{
    private const string Id = "koboldai";

    [Fact]
    public async Task A_changed_program_is_found_told_as_critical_and_made_again_and_its_engine_is_started_anew()
    {
        var release = ProviderHome.ReleaseOf(Id);
        await shop.ReleaseIsAsync(Id, release);
        await shop.AnswersAsync(Id, ProviderHome.Gguf, release);
        Assert.DoesNotContain(Findings(await LookAsync()), finding => (string)finding["name"]! == "release_changed");
        var engine = (int)(await shop.ProviderAsync(Id))["pid"]!;
        var program = Directory.EnumerateFiles(Path.Combine(shop.Home.LocalLlm, "providers", Id, "versions", release), "koboldcpp*", SearchOption.AllDirectories).First();
        var before = await File.ReadAllBytesAsync(program, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(program, [.. before, .. "\n# changed\n"u8], TestContext.Current.CancellationToken);

        Assert.DoesNotContain(Findings(await LookAsync()), finding => (string)finding["name"]! == "release_changed");

        var events = await EventsAsync();
        var alert = Assert.Single(events, each => (string?)each["kind"] == "alert" && (string?)each["what"] == "release_changed");
        Assert.Equal("critical", (string?)alert["severity"]);
        Assert.Contains(Path.GetFileName(program), (string)alert["words"]!, StringComparison.Ordinal);
        Assert.Single(events, each => (string?)each["kind"] == "security" && (string?)each["what"] == "mended");
        Assert.Equal(before, await File.ReadAllBytesAsync(program, TestContext.Current.CancellationToken));
        await Eventually.TrueAsync(async () => (await shop.ProviderAsync(Id))["pid"] is { } pid && (int)pid != engine, "another process", deadline: TimeSpan.FromSeconds(120));
        await shop.AnswersAsync(Id, ProviderHome.Gguf, release);
    }

    private async Task<JsonNode> LookAsync() => (await shop.Home.Api.PostAsync("/helix/v1/security/run", "{}")).Is(200).Json;

    private static IEnumerable<JsonNode> Findings(JsonNode report) => report["findings"]!.AsArray().Select(each => each!);

    private async Task<JsonNode[]> EventsAsync() => [.. (await shop.Home.Api.GetAsync($"/helix/v1/history?provider={Id}&limit=1000")).Is(200).Json["events"]!.AsArray().Select(each => each!)];

    public sealed class Shop : ProviderHome
    {
        protected override string Settings => $"providers:\n  enabled: [builtin, {Id}]\n";

        protected override Task PublishAsync() => Mirror.PublishAsync(Payloads.For(Id, ReleaseOf(Id)));
    }
}
