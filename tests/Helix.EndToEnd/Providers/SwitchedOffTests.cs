using System.Text.Json.Nodes;

namespace Helix.EndToEnd.Providers;

/// <summary>The machine is switched off, whatever goes on: all that belongs to helix ends at once, its engines too, and what lay in the run folder is gone.</summary>
[Collection(Alone.Name)]
public sealed class SwitchedOffTests(SwitchedOffTests.House house) : IClassFixture<SwitchedOffTests.House>
{
    private const string Id = "koboldai";

    /// <summary>What takes longest of what goes on.</summary>
    private const int MostMilliseconds = 2500;

    private static readonly TimeSpan s_finished = TimeSpan.FromSeconds(150);

    private readonly TempHome _home = house.Home;

    private static int Rounds => Ring.IsLong ? 30 : 3;

    [Fact]
    public async Task After_the_next_start_everything_is_as_it_was_wanted_and_nothing_that_was_confirmed_is_lost()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("HELIX_TEST_SEED"), System.Globalization.CultureInfo.InvariantCulture, out var given) ? given : Environment.TickCount;
        Ring.Say($"seed {seed} (HELIX_TEST_SEED)");
        var random = new Random(seed);
        var (interval, models, keys, release) = (30, new HashSet<string>([ProviderHome.Gguf]), new HashSet<string>(), house.Releases[0]);
        await house.ReleaseIsAsync(Id, release);
        for (var round = 0; round < Rounds; round++)
        {
            var later = house.Releases[round + 1];
            await using var clients = new Crowd(_home.Gateway, 2, "/v1/chat/completions", """{"model":"story","messages":[{"role":"user","content":"Hi"}]}""");
            await using var set = Start("config", "set", "health.check_interval", $"{interval + 1}");
            await using var add = Start("models", "add", ModelFile.Write(_home.Folder, $"m{round}", ModelFile.Words(2000)));
            await using var key = Start("keys", "create", $"k{round}");
            await using var backup = Start("backup", "create");
            await using var install = Start("local-llm", "install", $"{Id}@{later}");
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(MostMilliseconds)), TimeProvider.System);
            var told = await HistoryAsync();
            await SwitchOffAsync();
            var (isSet, isAdded, hasKey, isBackedUp) = (await IsDoneAsync(set), await IsDoneAsync(add), await IsDoneAsync(key), await IsDoneAsync(backup));
            await install.EndAsync();
            await clients.EndAsync();

            (await _home.HelixAsync("start")).Succeeded();

            (await _home.HelixAsync("config", "validate")).Succeeded();
            var now = int.Parse((await _home.HelixAsync("config", "get", "health.check_interval")).Succeeded().Out, System.Globalization.CultureInfo.InvariantCulture);
            Assert.True(now == interval + 1 || (now == interval && !isSet), $"round {round}: health.check_interval is {now}");
            interval = now;
            if (isAdded) models.Add($"m{round}");
            if (hasKey) keys.Add($"k{round}");
            var (knownModels, knownKeys) = (await NamesAsync("models", "id", "models", "list"), await NamesAsync("keys", "name", "keys", "list"));
            Assert.Subset(knownModels, models);
            Assert.Subset(knownKeys, keys);
            var kept = (await HistoryAsync()).ToHashSet();
            Assert.All(told, each => Assert.Contains(each, kept));
            foreach (var model in models) (await _home.Gateway.PostAsync("/v1/chat/completions", $$"""{"model":"{{model}}","max_tokens":4,"messages":[{"role":"user","content":"Hi"}]}""")).Is(200);
            if (isBackedUp) (await _home.HelixAsync("backup", "verify")).Succeeded();
            release = await AnswersAsync(round, release, later);
        }
    }

    private Launched Start(params string[] words) => Launched.Start(_home.Command(words));

    private static async Task<bool> IsDoneAsync(Launched asked) => (await asked.EndAsync()).Code == 0;

    /// <returns>The release that answers: the one before, or the one that was asked for.</returns>
    private async Task<string> AnswersAsync(int round, string before, string later)
    {
        var (seen, release) = ("", "");
        await Eventually.TrueAsync(
            async () =>
            {
                var (provider, reply) = (await house.ProviderAsync(Id), await house.ChatAsync(Id, ProviderHome.Gguf));
                seen = $"{provider.ToJsonString()}\n{reply}";
                release = (string?)provider["release"] ?? "";
                return reply.Status == 200 && (release == before || release == later) && !((string)provider["reason"]!).Contains("is being installed", StringComparison.Ordinal)
                    && ((string)reply.Json["choices"]![0]!["message"]!["content"]!).StartsWith($"I am a stand-in for {Id} {release}, model ", StringComparison.Ordinal);
            },
            $"round {round}: {Id} answers with a release that is shown", () => seen + "\n" + house.InstallLog(Id), s_finished);
        return release;
    }

    private async Task SwitchOffAsync()
    {
        var quiet = 0;
        await Eventually.TrueAsync(
            () =>
            {
                var left = _home.Alive;
                foreach (var process in left) Processes.Signal(process, Processes.Kill);
                quiet = left.Count == 0 ? quiet + 1 : 0;
                return quiet == 5;
            },
            "the end of all");
        foreach (var folder in Directory.GetDirectories(_home.Environment["XDG_RUNTIME_DIR"])) Directory.Delete(folder, recursive: true);
    }

    private async Task<HashSet<string>> NamesAsync(string list, string name, params string[] words) =>
        [.. JsonNode.Parse((await _home.HelixAsync([.. words, "--format", "json"])).Succeeded().Out)![list]!.AsArray().Select(each => (string)each![name]!)];

    private async Task<string[]> HistoryAsync() => [.. (await _home.Api.GetAsync("/helix/v1/history?limit=10000")).Is(200).Json["events"]!.AsArray().Select(each => each!.ToJsonString())];

    public sealed class House : ProviderHome
    {
        internal string[] Releases { get; } = [ReleaseOf(Id), .. Enumerable.Range(10, Rounds).Select(number => $"1.2{number}")];

        protected override string Settings => $"auto_manager:\n  auto_update: false\nproviders:\n  enabled: [builtin, {Id}]\n";

        protected override async Task PublishAsync()
        {
            foreach (var release in Releases) await Mirror.PublishAsync(Payloads.For(Id, release));
        }
    }
}
