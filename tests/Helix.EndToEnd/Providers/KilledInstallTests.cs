namespace Helix.EndToEnd.Providers;

/// <summary>helix may be killed at any moment of an install or update: what is in use is whole, and the next start finishes or sweeps.</summary>
[Collection(Alone.Name)]
public sealed class KilledInstallTests(KilledInstallTests.Shop shop) : IClassFixture<KilledInstallTests.Shop>
{
    /// <summary>Who is installed, with what model, and how long that takes at most when nobody else computes: archives, a single program, image layers, npm, Python, git.</summary>
    private static readonly (string Id, string Model, int MostMilliseconds)[] s_all =
    [
        ("koboldai", ProviderHome.Gguf, 1500), ("gpt4all", ProviderHome.Gguf, 4000), ("llamacpp", ProviderHome.Gguf, 1500), ("mlx", ProviderHome.Mlx, 6000), ("mistralrs", ProviderHome.Gguf, 1500),
        ("fastchat", ProviderHome.Safetensors, 8000), ("localai", ProviderHome.Gguf, 2000),
    ];

    private static readonly TimeSpan s_finished = TimeSpan.FromSeconds(150);

    private static int Rounds => Ring.IsLong ? 50 : 3;

    private readonly TempHome _home = shop.Home;

    [Fact]
    public async Task A_kill_at_any_moment_leaves_no_half_release_in_use()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("HELIX_TEST_SEED"), System.Globalization.CultureInfo.InvariantCulture, out var given) ? given : Environment.TickCount;
        Ring.Say($"seed {seed} (HELIX_TEST_SEED)");
        var random = new Random(seed);
        foreach (var (id, _, _) in s_all)
        {
            await shop.ReleaseIsAsync(id, shop.First[id]);
            shop.Remember(id);
        }

        var first = random.Next(s_all.Length);
        for (var round = 0; round < Rounds; round++)
        {
            var (id, model, most) = s_all[(first + round) % s_all.Length];
            // one in three is an installation where nothing was
            var fromNothing = round % 3 == 2;
            if (fromNothing) (await shop.LocalLlmAsync("remove", id)).Succeeded();
            await using var asked = Launched.Start(_home.Command("local-llm", "install", $"{id}@{shop.Later[id][round / s_all.Length]}"));
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(most)), TimeProvider.System);
            await KillAsync();
            await asked.EndAsync();
            foreach (var each in s_all) AssertWhole(each.Id, mayBeGone: fromNothing && each.Id == id);

            (await _home.HelixAsync("start")).Succeeded();
            // finished, because it was asked for before the kill was; or never heard of
            var seen = "";
            await Eventually.TrueAsync(
                async () =>
                {
                    var (provider, reply) = (await shop.ProviderAsync(id), await shop.ChatAsync(id, model));
                    seen = $"{provider.ToJsonString()}\n{reply}";
                    if (fromNothing && reply.Status == 404) return ((string)provider["reason"]!).Contains("removed by you", StringComparison.Ordinal);
                    // one that was switched to in between shows next time
                    return reply.Status == 200 && (string?)provider["release"] is { } release && !((string)provider["reason"]!).Contains("is being installed", StringComparison.Ordinal)
                        && ((string)reply.Json["choices"]![0]!["message"]!["content"]!).StartsWith($"I am a stand-in for {id} {shop.SaysOf(id, release)}, model ", StringComparison.Ordinal);
                },
                $"round {round}: {id} answers with the release that is shown", () => seen + "\n" + shop.InstallLog(id), s_finished);
            AssertWhole(id, mayBeGone: fromNothing);
            if ((string?)(await shop.ProviderAsync(id))["release"] is null) (await shop.LocalLlmAsync("install", id)).Succeeded();
        }

        foreach (var (id, _, _) in s_all)
        {
            var staging = Path.Combine(_home.LocalLlm, "providers", id, "staging");
            // what was asked for before the last kill may be on its way still
            await Eventually.TrueAsync(() => !Directory.Exists(staging) || !Directory.EnumerateFileSystemEntries(staging).Any(), $"{staging} to be empty", deadline: s_finished);
        }
    }

    /// <summary>Each of the two brings the other back: they are killed until neither is left.</summary>
    private async Task KillAsync()
    {
        var quiet = 0;
        await Eventually.TrueAsync(
            () =>
            {
                var left = _home.Alive.Where(process => process.Role is "keeper" or "daemon").ToArray();
                foreach (var process in left) Processes.Signal(process, Processes.Kill);
                quiet = left.Length == 0 ? quiet + 1 : 0;
                return quiet == 5;
            },
            "the end of helix");
    }

    /// <summary>The release in use has everything that it was made of, and tells so itself; and so have all others.</summary>
    private void AssertWhole(string id, bool mayBeGone)
    {
        var folder = Path.Combine(_home.LocalLlm, "providers", id);
        var link = new FileInfo(Path.Combine(folder, "current")).LinkTarget;
        Assert.True(mayBeGone || link is not null, $"{id} has no release in use");
        if (link is not null) Assert.True(Directory.Exists(Path.Combine(folder, link)), $"{link} of {id} leads nowhere");
        var versions = Path.Combine(folder, "versions");
        foreach (var release in Directory.Exists(versions) ? Directory.GetDirectories(versions) : [])
        {
            Assert.True(File.Exists(Path.Combine(release, "release.json")), $"{release} has no receipt");
            Assert.Contains($"\"{Path.GetFileName(release)}\"", File.ReadAllText(Path.Combine(release, "release.json")), StringComparison.Ordinal);
            Assert.Equal(shop.FilesOf(id), shop.Names(id, release));
        }
    }

    public sealed class Shop : ProviderHome
    {
        private readonly Dictionary<string, string[]> _files = [];
        private readonly Dictionary<string, string> _says = [];

        /// <summary>The release that is installed first.</summary>
        internal Dictionary<string, string> First { get; } = [];

        internal Dictionary<string, string[]> Later { get; } = [];

        internal override Mirrors.Products.Payloads Payloads { get; } = new(Mirrors.Products.Wrapper.Built(padding: 400_000));

        protected override string Settings => $"providers:\n  enabled: [builtin, {string.Join(", ", s_all.Select(each => each.Id))}]\n";

        /// <summary>What the stand-in of a release calls itself.</summary>
        public string SaysOf(string id, string release) => _says[$"{id} {release}"];

        /// <summary>What a whole release consists of: to be called while the first one is in use.</summary>
        public void Remember(string id) => _files[id] = Names(id, Path.Combine(Home.LocalLlm, "providers", id, "versions", First[id]));

        public string[] FilesOf(string id) => _files[id];

        /// <summary>Every file with its size, but those that tell the version themselves, and pip's note of which packages it was asked for: all of them, where it works from a lock.</summary>
        public string[] Names(string id, string release)
        {
            var version = SaysOf(id, Path.GetFileName(release));
            return [.. Directory.EnumerateFiles(release, "*", SearchOption.AllDirectories).Where(file => !file.Contains("/.git/", StringComparison.Ordinal) && Path.GetFileName(file) != "REQUESTED")
                .Select(file => $"{Path.GetRelativePath(release, file).Replace(version, "VERSION", StringComparison.Ordinal)} of {new FileInfo(file).Length / 4000}").Where(line => !line.StartsWith("release.json", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        }

        protected override async Task PublishAsync()
        {
            string[] later = [.. Enumerable.Range(0, (Rounds + s_all.Length - 1) / s_all.Length + 1).Select(number => $"{number + 10}")];
            foreach (var (id, prefix) in ((string, string)[])[("koboldai", "1.2"), ("llamacpp", "b2"), ("mistralrs", "0.10."), ("localai", "4.20."), ("gpt4all", "4.1."), ("mlx", "0.33."), ("fastchat", "later")])
            {
                First[id] = await PublishAsync(id, ReleaseOf(id));
                var releases = new List<string>();
                foreach (var number in later) releases.Add(await PublishAsync(id, prefix + number));
                Later[id] = [.. releases];
            }

            Overlay("fastchat", Replaced(ManifestOf("fastchat"), "version: [0-9a-f]{40}", $"version: {First["fastchat"]}"));
        }

        /// <returns>As helix names it.</returns>
        private async Task<string> PublishAsync(string id, string version)
        {
            var payload = Payloads.For(id, version);
            await Mirror.PublishAsync(payload);
            var release = id == "fastchat" ? Mirror.Git.CommitOf(payload.Trees[0].Path, version) : version;
            _says[$"{id} {release}"] = id == "fastchat" ? "0.2.36" : version;
            return release;
        }
    }
}
