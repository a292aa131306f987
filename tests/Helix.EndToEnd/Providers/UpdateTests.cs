using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Helix.Mirrors.Products;

namespace Helix.EndToEnd.Providers;

/// <summary>Newer versions come by themselves, and bad ones are not used: whatever is wrong with them, and however they are installed.</summary>
public sealed class UpdateTests(UpdateTests.Shop shop) : IClassFixture<UpdateTests.Shop>
{
    [Fact]
    public async Task A_good_version_is_used_a_bad_one_is_not_and_nobody_notices()
    {
        foreach (var (id, model, _, _, _) in Shop.All)
        {
            await shop.ReleaseIsAsync(id, ProviderHome.ReleaseOf(id));
            await shop.AnswersAsync(id, model, ProviderHome.ReleaseOf(id));
        }

        await shop.PublishNewerAsync();
        using var stop = new CancellationTokenSource();
        var lost = new ConcurrentQueue<string>();
        Task[] clients = [.. Shop.All.Select(each => AskOnAndOnAsync(each.Id, each.Model, lost, stop.Token))];
        // of those that come from the same host one is asked in each hour
        var check = "";
        for (var hour = 0; hour < Shop.All.Length; hour++)
        {
            shop.LetAnHourPass(isFirst: hour == 0);
            check = (await shop.LocalLlmAsync("update", "--check")).Succeeded().Out;
        }

        Assert.Contains("is installed by itself within the hour", check, StringComparison.Ordinal);

        (await shop.Home.Api.PostAsync("/helix/v1/updates/run", "{}")).Is(202);
        foreach (var (id, _, newer, _, what) in Shop.All) await HappenedAsync(id, newer, what);
        await stop.CancelAsync();
        await Task.WhenAll(clients);
        foreach (var each in await EventsAsync("kind=update")) Ring.Say($"{each["at"]} {each["what"]} {each["words"]}");

        Assert.Empty(lost);
        foreach (var (id, model, newer, fault, _) in Shop.All)
        {
            var release = fault is null ? newer : ProviderHome.ReleaseOf(id);
            Assert.Equal(release, (string?)(await shop.ProviderAsync(id))["release"]);
            await shop.AnswersAsync(id, model, release);
        }

        Assert.Contains("was tried here, and was no good", (await shop.LocalLlmAsync("update", "--check")).Succeeded().Out, StringComparison.Ordinal);
        var alerts = await EventsAsync("kind=alert");
        Assert.All(Shop.All.Where(each => each.Fault is not null), each => Assert.Contains(alerts, alert => (string?)alert["provider"] == each.Id && ((string)alert["what"]!).StartsWith("update_", StringComparison.Ordinal)));
        Assert.DoesNotContain(alerts, alert => (string?)alert["provider"] == "localai" && ((string)alert["what"]!).StartsWith("update_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Parts_of_a_release_that_went_missing_are_brought_again_by_themselves()
    {
        const string id = "textgen";
        var release = ProviderHome.ReleaseOf(id);
        await shop.ReleaseIsAsync(id, release);
        await shop.AnswersAsync(id, ProviderHome.Gguf, release);
        var engine = Directory.EnumerateFiles(Path.Combine(shop.Home.LocalLlm, "providers", id, "versions", release), "python3", SearchOption.AllDirectories).Single();
        File.Delete(engine);
        Assert.Equal(0, Processes.Signal((int)(await shop.ProviderAsync(id))["pid"]!, Processes.Kill));

        await Eventually.TrueAsync(async () => (await EventsAsync($"kind=healing&provider={id}")).Any(each => (string?)each["what"] == "rebuilt"), "the release is installed again", () => shop.InstallLog(id), TimeSpan.FromSeconds(120));
        // it is started again a moment after that is told; until then a request is told why it cannot be answered
        await Eventually.TrueAsync(async () => (string?)(await shop.ProviderAsync(id))["state"] == "ready", "it serves again", () => shop.InstallLog(id));
        await shop.AnswersAsync(id, ProviderHome.Gguf, release);
        var told = (await EventsAsync($"provider={id}")).Select(each => (string)each["what"]!).ToArray();
        Assert.Contains("unhealthy", told);
        Assert.Contains("rebuild", told);
        Assert.True(File.Exists(engine));
    }

    private async Task AskOnAndOnAsync(string id, string model, ConcurrentQueue<string> lost, CancellationToken stop)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        while (await pace.WaitForNextTickAsync(CancellationToken.None) && !stop.IsCancellationRequested)
        {
            var reply = await shop.ChatAsync(id, model);
            if (reply.Status != 200) lost.Enqueue($"{id}: {reply}");
        }
    }

    private async Task HappenedAsync(string id, string version, string what)
    {
        var seen = "";
        await Eventually.TrueAsync(
            async () =>
            {
                var events = await EventsAsync($"kind=update&provider={id}");
                seen = string.Join('\n', events.Select(each => each.ToJsonString()));
                return events.Any(each => (string?)each["subject"] == $"{id} {version}" && (string?)each["what"] == what);
            },
            $"{id} {version}: {what}", () => seen + "\n" + shop.InstallLog(id), TimeSpan.FromSeconds(300));
    }

    private async Task<JsonNode[]> EventsAsync(string query) => [.. (await shop.Home.Api.GetAsync($"/helix/v1/history?{query}&limit=1000")).Is(200).Json["events"]!.AsArray().OfType<JsonNode>()];

    public sealed class Shop : ProviderHome
    {
        /// <summary>One of each kind of installation, with one of each fault.</summary>
        private static readonly (string Id, string Model, string Newer, string? Fault, string What)[] s_each =
        [
            ("localai", Gguf, "4.99.0", null, "switched"),
            ("koboldai", Gguf, "1.999", "STANDIN_CRASH_AT_START=1", "refused"),
            ("mistralrs", Gguf, "0.99.0", "STANDIN_WEDGE=1", "refused"),
            ("mlx", Mlx, "0.99.0", "STANDIN_SLOW_TOKENS_MS=150", "refused"),
            ("vllm", Safetensors, "0.99.0", "STANDIN_ANSWER_GARBAGE=1", "refused"),
        ];

        /// <summary>One that hangs, or is slow, takes its time.</summary>
        internal static (string Id, string Model, string Newer, string? Fault, string What)[] All { get; } = Ring.IsLong ? s_each : [.. s_each.Where(each => each.Id is "localai" or "koboldai" or "mlx")];

        private static readonly Dictionary<string, string> s_repositories = new() { ["localai"] = "mudler/LocalAI", ["koboldai"] = "LostRuins/koboldcpp", ["mistralrs"] = "EricLBuehler/mistral.rs" };

        internal override Payloads Payloads { get; } = new(Wrapper.Built() with { Fault = (id, version) => All.FirstOrDefault(each => each.Id == id && each.Newer == version).Fault });

        protected override string Settings => $"updates:\n  quarantine_days: 0\nproviders:\n  enabled: [builtin, textgen, {string.Join(", ", All.Select(each => each.Id))}]\n";

        protected override async Task PublishAsync()
        {
            foreach (var id in All.Select(each => each.Id).Append("textgen")) await Mirror.PublishAsync(Payloads.For(id, ReleaseOf(id)));
        }

        /// <summary>In what helix noted of whom it asked when.</summary>
        internal void LetAnHourPass(bool isFirst)
        {
            var file = Path.Combine(Home.LocalLlm, "state", "newest.json");
            if (isFirst) File.Delete(file);
            else
            {
                var notes = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
                notes.Remove("hosts");
                File.WriteAllText(file, notes.ToJsonString());
            }
        }

        internal async Task PublishNewerAsync()
        {
            foreach (var (id, _, newer, _, _) in All)
            {
                await Mirror.PublishAsync(Payloads.For(id, newer));
                if (s_repositories.TryGetValue(id, out var repository)) Mirror.Files.Add($"/api.github.com/repos/{repository}/releases/latest", Encoding.UTF8.GetBytes($$"""{"tag_name":"v{{newer}}"}"""));
            }
        }
    }
}
