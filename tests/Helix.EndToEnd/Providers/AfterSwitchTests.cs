using System.Text;
using System.Text.Json.Nodes;

namespace Helix.EndToEnd.Providers;

/// <summary>A newer version that answers well until it is used, and not any more then.</summary>
public sealed class AfterSwitchTests(AfterSwitchTests.Shop shop) : IClassFixture<AfterSwitchTests.Shop>
{
    private const string Id = "koboldai", Newer = "1.999";

    [Fact]
    public async Task It_goes_back_by_itself_and_that_is_told()
    {
        await shop.ReleaseIsAsync(Id, ProviderHome.ReleaseOf(Id));
        await shop.AnswersAsync(Id, ProviderHome.Gguf, ProviderHome.ReleaseOf(Id));
        await shop.Mirror.PublishAsync(shop.Payloads.For(Id, Newer));
        shop.Mirror.Files.Add("/api.github.com/repos/LostRuins/koboldcpp/releases/latest", Encoding.UTF8.GetBytes($$"""{"tag_name":"v{{Newer}}"}"""));
        using var stop = new CancellationTokenSource();
        var asking = AskOnAndOnAsync(stop.Token);

        (await shop.Home.Api.PostAsync("/helix/v1/updates/run", "{}")).Is(202);
        await HappenedAsync("switched");
        await Eventually.TrueAsync(async () => (await shop.ChatAsync(Id, ProviderHome.Gguf)).ToString().Contains($"stand-in for {Id} {Newer}", StringComparison.Ordinal), "the newer one answers");
        var knobs = Path.Combine(shop.Home.LocalLlm, "providers", Id, "data", "standin.json");
        await File.WriteAllTextAsync(knobs, """{"fail_status": 500}""", TestContext.Current.CancellationToken);
        await HappenedAsync("rolled_back");
        File.Delete(knobs);
        await stop.CancelAsync();
        await asking;

        await shop.ReleaseIsAsync(Id, ProviderHome.ReleaseOf(Id));
        await Eventually.TrueAsync(async () => (await shop.ChatAsync(Id, ProviderHome.Gguf)).Status == 200, "it answers");
        await shop.AnswersAsync(Id, ProviderHome.Gguf, ProviderHome.ReleaseOf(Id));
        Assert.Contains(await EventsAsync("kind=alert"), alert => (string?)alert["provider"] == Id && (string?)alert["what"] == "update_rolled_back");
        Assert.Contains("was tried here, and was no good", (await shop.LocalLlmAsync("update", "--check")).Succeeded().Out, StringComparison.Ordinal);
    }

    private async Task AskOnAndOnAsync(CancellationToken stop)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        while (await pace.WaitForNextTickAsync(CancellationToken.None) && !stop.IsCancellationRequested) await shop.ChatAsync(Id, ProviderHome.Gguf);
    }

    private async Task HappenedAsync(string what)
    {
        var seen = "";
        await Eventually.TrueAsync(
            async () =>
            {
                var events = await EventsAsync($"kind=update&provider={Id}");
                seen = string.Join('\n', events.Select(each => each.ToJsonString()));
                return events.Any(each => (string?)each["subject"] == $"{Id} {Newer}" && (string?)each["what"] == what);
            },
            what, () => seen + "\n" + shop.InstallLog(Id), TimeSpan.FromSeconds(150));
    }

    private async Task<JsonNode[]> EventsAsync(string query) => [.. (await shop.Home.Api.GetAsync($"/helix/v1/history?{query}&limit=1000")).Is(200).Json["events"]!.AsArray().OfType<JsonNode>()];

    public sealed class Shop : ProviderHome
    {
        protected override string Settings => $"updates:\n  quarantine_days: 0\nproviders:\n  enabled: [builtin, {Id}]\n";

        protected override async Task PublishAsync() => await Mirror.PublishAsync(Payloads.For(Id, ReleaseOf(Id)));
    }
}
