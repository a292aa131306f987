using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Helix.Mirrors.Products;

namespace Helix.EndToEnd.Providers;

/// <summary>Every provider that runs on a machine without a GPU, from its own manifest: installed, asked, killed, updated, rolled back, removed.</summary>
public sealed class LifeTests(LifeTests.Shop shop) : IClassFixture<LifeTests.Shop>
{
    /// <summary>Titles of the pages of those that have a web interface of their own.</summary>
    private static readonly Dictionary<string, string> s_titles = new() { ["koboldai"] = "KoboldAI Lite", ["localai"] = "LocalAI", ["textgen"] = "Text Generation Web UI" };

    private readonly TempHome _home = shop.Home;

    [Fact]
    public async Task After_one_start_every_one_of_the_thirteen_is_accounted_for()
    {
        NoNetwork.AssertWhereItIsCutOff();
        var accounts = await shop.AccountsAsync();

        Assert.Equal(13, accounts.Count);
        Assert.All(accounts, account => Assert.True(account.Value is "answered" or "answered, run by somebody else" || account.Key == "tabbyapi", $"{account.Key}: {account.Value}"));
        Assert.StartsWith("not possible here, because it needs an NVIDIA GPU with compute capability 8.0 or newer; none was found", accounts["tabbyapi"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpt4all", ProviderHome.Gguf)]
    [InlineData("koboldai", ProviderHome.Gguf)]
    [InlineData("llamacpp", ProviderHome.Gguf)]
    [InlineData("localai", ProviderHome.Gguf)]
    [InlineData("mistralrs", ProviderHome.Gguf)]
    [InlineData("textgen", ProviderHome.Gguf)]
    [InlineData("lmstudio", ProviderHome.Gguf)]
    [InlineData("mlx", ProviderHome.Mlx)]
    [InlineData("vllm", ProviderHome.Safetensors)]
    [InlineData("fastchat", ProviderHome.Safetensors)]
    public async Task It_is_installed_answers_survives_a_kill_and_is_updated_rolled_back_and_removed(string id, string model)
    {
        await shop.AccountsAsync();
        var (first, second) = shop.Versions[id];
        await shop.ReleaseIsAsync(id, first.Release);
        await shop.AnswersAsync(id, model, first.Says);

        var killed = await EngineAsync(id);
        Assert.Equal(0, Processes.Signal(killed, Processes.Kill));
        await Eventually.TrueAsync(async () => (await shop.ProviderAsync(id))["pid"] is { } pid && (int)pid != killed, $"another process of {id}");
        await shop.AnswersAsync(id, model, first.Says);

        if (shop.Overlays(id) is { } overlay)
        {
            shop.Overlay(id, overlay(second));
            (await shop.LocalLlmAsync("update", id)).Succeeded();
        }
        else (await shop.LocalLlmAsync("install", $"{id}@{second.Release}")).Succeeded();
        await shop.ReleaseIsAsync(id, second.Release);
        await shop.AnswersAsync(id, model, second.Says);

        (await shop.LocalLlmAsync("rollback", id)).Succeeded();
        await shop.ReleaseIsAsync(id, first.Release);
        await shop.AnswersAsync(id, model, first.Says);
        RecordedRun.OfStandIn(id, first.Release);
        if (s_titles.TryGetValue(id, out var title)) await ShowsItsOwnInterfaceAsync(id, model, title);

        (await shop.LocalLlmAsync("remove", id)).Succeeded();
        var gone = await shop.ProviderAsync(id);
        Assert.Equal(("available", null), ((string?)gone["state"], (string?)gone["release"]));
        Assert.Contains("removed by you", (string?)gone["reason"], StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_home.LocalLlm, "providers", id, "versions")));
        (await shop.ChatAsync(id, model)).IsError(404, "model_not_found");
    }

    [Fact]
    public async Task LM_Studio_serves_one_model_after_the_other_for_two_would_share_its_daemon()
    {
        await shop.AccountsAsync();
        // installed anew where the other test was here first, which may have left its overlay of the second release
        if ((string?)(await shop.ProviderAsync("lmstudio"))["release"] is null) (await shop.LocalLlmAsync("install", "lmstudio")).Succeeded();
        // the fleet hears of an installation a moment after who asked for it
        await shop.ServesAsync("lmstudio", ProviderHome.Gguf);
        var release = (string?)(await shop.ProviderAsync("lmstudio"))["release"];
        var (first, second) = shop.Versions["lmstudio"];
        var says = (release == second.Release ? second : first).Says;
        foreach (var model in (string[])[ProviderHome.Gguf, Helix.Core.Models.SelfTestModel.Id, ProviderHome.Gguf]) await shop.AnswersAsync("lmstudio", model, says);
    }

    /// <summary>By the link that helix prints, as a browser follows it: it leads in once.</summary>
    private async Task ShowsItsOwnInterfaceAsync(string id, string model, string title)
    {
        var opened = (await shop.LocalLlmAsync("open", id, "--model", model, "--for", "10m", "--no-browser")).Succeeded();
        var link = new Uri(opened.Out.Trim());
        using var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = new() });
        using (var entered = await browser.GetAsync(link, TestContext.Current.CancellationToken)) Assert.Equal(System.Net.HttpStatusCode.OK, entered.StatusCode);
        Assert.Contains($"<title>{title}</title>", await browser.GetStringAsync(new Uri(link, "/"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var second = new HttpClient();
        using var again = await second.GetAsync(link, TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, again.StatusCode);
    }

    private async Task<int> EngineAsync(string id) => (int)(await shop.ProviderAsync(id))["pid"]!;

    /// <param name="Release">As helix names it.</param>
    /// <param name="Says">As the stand-in calls itself.</param>
    internal sealed record Published(string Release, string Says, Payload Payload);

    public class Shop : ProviderHome
    {
        private const string LmStudioFile = "linux-x64.full.tar.gz";

        private static readonly (string Id, string Model)[] s_alone =
        [
            ("builtin", Gguf), ("gpt4all", Gguf), ("koboldai", Gguf), ("llamacpp", Gguf), ("localai", Gguf), ("mistralrs", Gguf), ("textgen", Gguf), ("lmstudio", Gguf), ("mlx", Mlx), ("vllm", Safetensors), ("fastchat", Safetensors),
        ];

        private Task<Dictionary<string, string>>? _accounts;

        /// <summary>The release that helix's manifest names, and a later one.</summary>
        internal Dictionary<string, (Published First, Published Second)> Versions { get; } = [];

        /// <summary>Providers that are not waited for.</summary>
        protected virtual IReadOnlyList<string> Failing => [];

        /// <summary>What became of each provider after the start, found out once: before a test removes one of them.</summary>
        public Task<Dictionary<string, string>> AccountsAsync() => _accounts ??= AccountAsync();

        private async Task<Dictionary<string, string>> AccountAsync()
        {
            var accounts = new Dictionary<string, string>(StringComparer.Ordinal);
            (await LocalLlmAsync("accept-license", "lmstudio")).Succeeded();
            foreach (var (id, model) in s_alone.Where(each => !Failing.Contains(each.Id)))
            {
                if (id == "builtin")
                {
                    Assert.Equal(id, (await ChatAsync(id, model)).Is(200).Header("x-helix-provider"));
                    RecordedRun.OfEngine(id, ReleaseOf(id));
                }
                else
                {
                    await ReleaseIsAsync(id, Versions[id].First.Release);
                    await AnswersAsync(id, model, Versions[id].First.Says);
                }

                accounts[id] = "answered";
            }

            // Jan has a window: whoever sits before it starts it, and says its key
            var port = TempHome.FreePort();
            await using var jan = Launched.Start(new Command(Wrapper.BuiltStandIn, ["--as", "jan", "--standin-version", "0.8.4", "--port", $"{port}", "--model", "desk"], Home.Environment, Home.Folder));
            await Eventually.TrueAsync(() => Task.FromResult(jan.Error.Contains("JAN API listening", StringComparison.Ordinal)), "Jan's stand-in to listen", () => jan.Error);
            (await LocalLlmAsync("attach", $"http://127.0.0.1:{port}", "--key", "jan-key")).Succeeded();
            await AnswersAsync("jan", "desk", "0.8.4");
            accounts["jan"] = "answered, run by somebody else";
            foreach (var other in (await Home.Api.GetAsync("/helix/v1/providers")).Is(200).Json["providers"]!.AsArray())
                accounts.TryAdd((string)other!["id"]!, (string)other["reason"]!);
            return accounts;
        }

        protected override async Task PublishAsync()
        {
            foreach (var (id, later) in ((string, string)[])[
                ("gpt4all", "4.0.1"), ("koboldai", "1.118"), ("llamacpp", "b10600"), ("localai", "4.12.0"), ("mistralrs", "0.9.4"), ("textgen", "4.10"), ("lmstudio", "0.0.26-1"), ("mlx", "0.32.0"), ("vllm", "0.32.0"), ("fastchat", "later")])
                Versions[id] = (await PublishAsync(id, ReleaseOf(id)), await PublishAsync(id, later));
            foreach (var id in Versions.Keys)
                if (Overlays(id) is { } overlay && overlay(Versions[id].First) is var text && text != ManifestOf(id))
                    Overlay(id, text);
        }

        /// <summary>What has to be another value in a manifest so that a payload can meet it; null where helix's own is used as it is.</summary>
        internal Func<Published, string>? Overlays(string id) => id switch
        {
            // a vendor's digest, which no other file can have
            "lmstudio" => to => Replaced(
                Replaced(ManifestOf(id), $"({Regex.Escape("accelerator: none, name: " + LmStudioFile)}), bytes: \\d+, sha512: [0-9a-f]+", $"$1, bytes: {LmStudio(to).Length}, sha512: {Convert.ToHexStringLower(SHA512.HashData(LmStudio(to)))}"),
                "(    version: ).*", $"$1 {to.Release}"),
            // a commit's name, which cannot be chosen
            "fastchat" => to => Replaced(ManifestOf(id), "version: [0-9a-f]{40}", $"version: {to.Release}"),
            _ => null,
        };

        private async Task<Published> PublishAsync(string id, string version)
        {
            var payload = Payloads.For(id, version);
            await Mirror.PublishAsync(payload);
            return id == "fastchat" ? new(Mirror.Git.CommitOf(payload.Trees[0].Path, version), "0.2.36", payload) : new(version, version, payload);
        }

        private static byte[] LmStudio(Published published) => published.Payload.Files.Single(file => file.Key.EndsWith("-" + LmStudioFile, StringComparison.Ordinal)).Value;
    }
}
