using System.Text;
using System.Text.Json.Nodes;
using Helix.Mirrors.Products;

namespace Helix.EndToEnd.Providers;

/// <summary>Each of the five types of alert, raised at the published program by what really happens: told once on every channel, and over when its cause is.</summary>
public sealed class FiveAlertsTests(FiveAlertsTests.House house) : IClassFixture<FiveAlertsTests.House>
{
    private const string Id = "koboldai", Builtin = "builtin";
    private const string Ask = $$"""{"model":"{{ProviderHome.Gguf}}","max_tokens":4,"messages":[{"role":"user","content":"ping"}]}""";

    /// <summary>Of fewer than ten nothing is said; of all together a tenth may fail, and it is well.</summary>
    private const int Failing = 12, Answered = 240;

    private const int Together = 4;

    /// <summary>A release is installed, tried and compared in this time; and two messages of a group have two minutes between them.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly TempHome _home = house.Home;

    private string Key => Path.Combine(_home.Folder, "alert-key");

    private (string Type, string Cause, string? Subject)[] Five =>
    [
        ("health", "engine_down", $"{Builtin}-{ProviderHome.Gguf}"), ("performance", "requests-fail", null), ("security", "permissions", Key), ("resource", "disk-full", null), ("update", "update", $"{Id} {House.Bad}"),
    ];

    [Fact]
    public async Task Each_is_told_once_on_every_channel_and_is_over_when_its_cause_is()
    {
        Assert.SkipUnless(house.NoDisk is null, house.NoDisk ?? "");
        await using var readers = new AlertReaders();
        await readers.SetUpAsync(_home);
        await readers.ReturnAsync();
        await house.ReleaseIsAsync(Id, ProviderHome.ReleaseOf(Id));
        await house.ServesAsync(Id, ProviderHome.Gguf);
        using var page = await _home.Api.FollowAsync("/helix/v1/live");
        var begun = TimeProvider.System.GetTimestamp();

        await FailAsync();
        await KillAsync();
        await house.UpdateAsync(House.Bad);
        await Eventually.TrueAsync(async () => (await FindAsync("state=open"))[^1] is not null, "the new release is refused", () => house.InstallLog(Id), s_patience);
        // only now: a release that is installed wants room, and a backup before it the key
        await OpenAsync();
        house.Fill();
        var alerts = await ToldAsync();
        var ids = alerts.Select(alert => (long)alert["id"]!).ToArray();
        Ring.Say($"five alerts were told on each channel after {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0} s");

        Assert.Contains($"helix local-llm start {Builtin}", (string?)alerts[0]["left"], StringComparison.Ordinal);
        await AreSentAsync(ids, 1);
        await readers.HaveEachOnceAsync(_home);
        Assert.All(ids, id => Assert.Equal((1, 1, 1), readers.FoundLinksTo(id)));
        Assert.All(alerts, alert => Assert.Equal((string?)alert["type"], (string?)Assert.Single(Entries(readers, (long)alert["id"]!, "firing"))["type"]));
        await page.UntilAsync(shown => ids.All(id => (string?)shown["alerts", $"{id}"]?["state"] == "firing"), "each of them, on the dashboard");
        var listed = JsonNode.Parse((await _home.HelixAsync("alerts", "list", "--format", "json")).Succeeded().Out)!["alerts"]!.AsArray();
        Assert.All(ids, id => Assert.Single(listed, alert => (long)alert!["id"]! == id));
        await IsBelowCommandsAsync();

        await EndAsync();
        JsonNode?[] over = [];
        await Eventually.TrueAsync(
            async () => (over = await FindAsync("state=resolved")).All(alert => alert is not null), "each is over", () => string.Join('\n', over.Select(alert => alert?.ToJsonString() ?? "not over")) + "\n" + house.InstallLog(Id), s_patience);
        Assert.Equal(ids, over.Select(alert => (long)alert!["id"]!));
        Assert.All(over, alert => Assert.False(string.IsNullOrEmpty((string?)alert!["end"]), alert.ToJsonString()));
        await page.UntilAsync(shown => ids.All(id => shown["alerts", $"{id}"] is null), "none of them any more, on the dashboard");
        Ring.Say($"and over after {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0} s");
        if (!Ring.IsLong) return;

        // a group has its next message two minutes after its last
        await AreSentAsync(ids, 2);
        await readers.HaveEachOnceAsync(_home);
        Assert.All(ids, id => Assert.Equal((2, 2, 2), readers.FoundLinksTo(id)));
        Assert.All(ids, id => Assert.Single(Entries(readers, id, "firing")));
        Assert.All(ids, id => Assert.Single(Entries(readers, id, "resolved")));
    }

    /// <summary>Performance: an engine answers that it cannot.</summary>
    private async Task FailAsync()
    {
        var knobs = Path.Combine(_home.LocalLlm, "providers", Id, "data", "standin.json");
        await File.WriteAllTextAsync(knobs, """{"fail_status": 500}""");
        for (var at = 0; at < Failing; at++) Assert.InRange((await house.ChatAsync(Id, ProviderHome.Gguf)).Status, 500, 599);
        File.Delete(knobs);
    }

    /// <summary>Health: an engine that nobody brings back, and for whose model another one answers.</summary>
    private async Task KillAsync()
    {
        await AnswersAsync();
        var engine = _home.Alive.First(process => process.CommandLine.Contains($"--alias {ProviderHome.Gguf} ", StringComparison.Ordinal));
        Assert.Equal(0, Processes.Signal(ProviderHome.EngineOf(engine.Pid), Processes.Kill));
        var seen = "";
        await Eventually.TrueAsync(
            async () =>
            {
                var provider = await house.ProviderAsync(Builtin);
                seen = provider.ToJsonString();
                return (string?)provider["state"] == "critical" && ((string)provider["reason"]!).Contains($"meanwhile {Id} serves {ProviderHome.Gguf}", StringComparison.Ordinal);
            },
            "it is shown as down, although another one serves its model", () => seen);
        Assert.Equal(Id, await AnswersAsync());
    }

    /// <summary>Security: a key that everybody can read, of which helix cannot know who is to.</summary>
    private async Task OpenAsync()
    {
        await File.WriteAllBytesAsync(Key, new byte[32]);
        File.SetUnixFileMode(Key, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        (await _home.HelixAsync("config", "set", "backup.key_file", Key)).Succeeded();
        await Eventually.TrueAsync(
            async () =>
            {
                await LookAsync();
                return (await FindAsync("state=open"))[2] is not null;
            },
            "the key is seen");
    }

    private async Task EndAsync()
    {
        house.Empty();
        File.SetUnixFileMode(Key, UnixFileMode.UserRead);
        await LookAsync();
        (await _home.HelixAsync("config", "unset", "backup.key_file")).Succeeded();
        (await house.LocalLlmAsync("start", Builtin)).Succeeded();
        await Parallel.ForEachAsync(Enumerable.Range(0, Answered), new ParallelOptions { MaxDegreeOfParallelism = Together }, async (_, _) => await AnswersAsync());
        await house.UpdateAsync(House.Good);
    }

    private async Task LookAsync() => (await _home.Api.PostAsync("/helix/v1/security/run", "{}")).Is(200);

    /// <returns>Who answered.</returns>
    private async Task<string?> AnswersAsync() => (await _home.Gateway.PostAsync("/v1/chat/completions", Ask)).Is(200).Header("x-helix-provider");

    /// <summary>The five in their order; null for one that is not there.</summary>
    private async Task<JsonNode?[]> FindAsync(string query)
    {
        var all = await AlertReaders.AlertsAsync(_home, query);
        return [.. Five.Select(each => all.FirstOrDefault(alert =>
            (string?)alert["type"] == each.Type && (string?)alert["cause"] == each.Cause && (each.Subject is null || (string?)alert["subject"] == each.Subject)))];
    }

    private async Task<JsonNode[]> ToldAsync()
    {
        JsonNode?[] seen = [];
        await Eventually.TrueAsync(
            async () => (seen = await FindAsync("state=open")).All(alert => alert is not null && (string?)alert["state"] == "firing" && AlertReaders.Channels.All(channel => alert["told"]!.AsArray().Any(told => (string?)told == channel))),
            "each is told on every channel", () => string.Join('\n', seen.Select(alert => alert?.ToJsonString() ?? "not there")), s_patience);
        return [.. seen.Select(alert => alert!)];
    }

    /// <summary>Waits until so many messages about each were sent on every channel, and no more than that wait.</summary>
    private async Task AreSentAsync(long[] ids, int times)
    {
        foreach (var channel in AlertReaders.Channels)
        {
            JsonNode[] messages = [];
            await Eventually.TrueAsync(
                async () => (messages = await AlertReaders.MessagesAsync(_home, channel)).All(AlertReaders.IsSent) && ids.All(id => messages.Count(message => Names(message, id)) == times),
                $"{channel} was told of each {times} times", () => string.Join('\n', messages.Select(message => message.ToJsonString())), s_patience);
        }
    }

    private static bool Names(JsonNode message, long id) => message["alerts"]!.AsArray().Any(each => (long)each! == id);

    /// <summary>What the webhook was told of an alert.</summary>
    private static JsonNode[] Entries(AlertReaders readers, long id, string state) =>
        [.. readers.Webhook.SelectMany(body => body["alerts"]!.AsArray()).Where(entry => (long)entry!["id"]! == id && (string?)entry["state"] == state).Select(entry => entry!)];

    /// <summary>A person at a terminal sees the worst of them under the output of whatever he asks for.</summary>
    private async Task IsBelowCommandsAsync()
    {
        if (!Tmux.IsThere) return;
        await using var terminal = await Tmux.StartAsync(_home);
        await terminal.RunAsync($"{Binary.Path} version");
        await terminal.ShowsAsync("helix: CRITICAL since ");
    }

    public sealed class House : ProviderHome
    {
        internal const string Bad = "1.998", Good = "1.999";

        private const int DiskMegabytes = 192;

        /// <summary>Of the disk, in percent, when it is full: helix itself can still write.</summary>
        private const int Left = 8;

        private const string Rules = """
            rules:
              - name: requests-fail
                for: 1s
              - name: disk-full
                measure: {name: disk_free_percent, below: 10, until: 20}
                for: 1s

            """;

        /// <summary>Why there is no small disk here that could be filled; null where there is one.</summary>
        internal string? NoDisk { get; private set; }

        internal override Payloads Payloads { get; } = new(Wrapper.Built() with { Fault = (_, version) => version == Bad ? "STANDIN_CRASH_AT_START=1" : null });

        // whatever cleans up by itself would make room again, and what is compared here is compared beside other tests
        protected override string Settings =>
            $"{AlertReaders.Settings}  email_hourly: 60\nhealth:\n  auto_recovery: false\nupdates:\n  quarantine_days: 0\n  watch_minutes: 0\n  slowdown: 90\ncleanup:\n  min_free_percent: 0\n  min_free_gb: 0\nproviders:\n  enabled: [{Builtin}, {Id}]\n";

        private string Filler => Path.Combine(Home.Root, "filler");

        /// <summary>Resource: the disk is nearly full.</summary>
        internal void Fill()
        {
            using var file = new FileStream(Filler, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            var (piece, disk) = (new byte[1 << 20], new DriveInfo(Home.Root));
            while (disk.AvailableFreeSpace > disk.TotalSize / 100 * Left) file.Write(piece);
        }

        internal void Empty() => File.Delete(Filler);

        /// <summary>Update: upstream names another version, and helix looks for it now. It asks only once an hour, so it is made to forget that it did.</summary>
        internal async Task UpdateAsync(string version)
        {
            await Mirror.PublishAsync(Payloads.For(Id, version));
            Mirror.Files.Add("/api.github.com/repos/LostRuins/koboldcpp/releases/latest", Encoding.UTF8.GetBytes($$"""{"tag_name":"v{{version}}"}"""));
            File.Delete(Path.Combine(Home.LocalLlm, "state", "newest.json"));
            (await Home.Api.PostAsync("/helix/v1/updates/run", "{}")).Is(202);
        }

        protected override async Task PrepareAsync()
        {
            await MountAsync();
            await base.PrepareAsync();
            await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(Home.Config)!, "alerts.yaml"), Rules);
        }

        protected override async Task PublishAsync() => await Mirror.PublishAsync(Payloads.For(Id, ReleaseOf(Id)));

        private async Task MountAsync()
        {
            if (Environment.UserName != "root")
            {
                NoDisk = "needs root, to mount a small disk";
                return;
            }

            var mount = await Launched.RunAsync(new Command("/bin/mount", ["-t", "tmpfs", "-o", $"size={DiskMegabytes}m,mode=700", "helix-e2e", Home.Root], Home.Environment, "/"));
            if (mount.Code != 0) NoDisk = $"a small disk cannot be mounted here: {mount.Error}";
            else Home.BeforeDeleted = async () => (await Launched.RunAsync(new Command("/bin/umount", ["-l", Home.Root], Home.Environment, "/"))).Succeeded();
        }
    }
}
