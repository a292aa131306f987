using System.Text.Json.Nodes;
using Helix.Core.Models;

namespace Helix.EndToEnd;

/// <summary>What one home was told and remembers comes to another, and what was tampered with comes nowhere.</summary>
public sealed class BackupTests
{
    private const int NotFound = 5, Refused = 6;
    private const string Answer = "This is said by the model that came back.";

    [Fact]
    public async Task A_backup_of_one_home_makes_an_empty_one_the_same()
    {
        await using var hub = await HubStandIn.StartAsync(ScriptedGguf.Make(Answer, "tiny", 32768, ScriptedGguf.ChatMl));
        await using var home = new TempHome();
        await using var other = new TempHome();
        foreach (var each in (TempHome[])[home, other]) each.Environment["HF_ENDPOINT"] = hub.Address;
        (await home.HelixAsync("start")).Succeeded();
        (await home.HelixAsync("models", "pull", HubStandIn.Source, "--name", "tiny")).Succeeded();
        (await home.HelixAsync("keys", "create", "laptop")).Succeeded();
        (await home.HelixAsync("config", "set", "health.check_interval", "77")).Succeeded();
        (await home.HelixAsync("local-llm", "stop", "builtin")).Succeeded();
        var (history, models, keys) = (await HistoryAsync(home), await OutAsync(home, "models", "list"), await OutAsync(home, "keys", "list"));

        var made = JsonNode.Parse((await home.HelixAsync("backup", "create", "--format", "json")).Succeeded().Out)!;
        var file = (string)made["path"]!;
        Assert.Contains(Path.GetFileName(file), (await home.HelixAsync("backup", "list")).Succeeded().Out, StringComparison.Ordinal);
        (await home.HelixAsync("backup", "verify")).Succeeded();
        Assert.Contains("backed_up", (await home.HelixAsync("history", "--kind", "backup")).Succeeded().Out, StringComparison.Ordinal);
        (await home.HelixAsync("backup", "restore", file)).Failed(Refused, "helix stop");
        (await home.HelixAsync("stop")).Succeeded();

        Directory.Delete(other.Root, recursive: true);
        await TamperedAsync(other, file);
        (await other.HelixAsync("backup", "restore", file, "--dry-run")).Succeeded();
        Assert.False(File.Exists(other.Config));
        (await other.HelixAsync("backup", "restore", file)).Succeeded();
        Assert.Equal(await File.ReadAllTextAsync(home.Config), await File.ReadAllTextAsync(other.Config));
        (await other.HelixAsync("start")).Succeeded();

        Assert.Equal(keys, await OutAsync(other, "keys", "list"));
        Assert.Equal("77", (await other.HelixAsync("config", "get", "health.check_interval")).Succeeded().Out.Trim());
        var restored = (await HistoryAsync(other)).ToDictionary(each => (long)each["id"]!);
        Assert.NotEmpty(history);
        Assert.All(history, each => Assert.True(JsonNode.DeepEquals(each, restored[(long)each["id"]!]), each.ToJsonString()));
        Assert.Contains("stop", (string)(await ProviderAsync(other))["reason"]!, StringComparison.OrdinalIgnoreCase);
        await Eventually.TrueAsync(async () => Known(JsonNode.Parse(models)!).SequenceEqual(Known((await other.Api.GetAsync("/helix/v1/models")).Is(200).Json)), "the model is fetched again");

        (await other.HelixAsync("local-llm", "start", "builtin")).Succeeded();
        var reply = (await other.Gateway.PostAsync("/v1/chat/completions", """{"model":"tiny","messages":[{"role":"user","content":"Hi"}]}""")).Is(200);
        Assert.Equal(Answer, (string)reply.Json["choices"]![0]!["message"]!["content"]!);

        // what is restored over a home in use is kept before
        (await other.HelixAsync("stop")).Succeeded();
        var again = JsonNode.Parse((await other.HelixAsync("backup", "restore", file, "--format", "json")).Succeeded().Out)!;
        (await other.HelixAsync("backup", "verify", (string)again["before"]!)).Succeeded();
    }

    [Fact]
    public async Task A_home_that_does_not_run_is_backed_up_encrypted_and_opens_with_its_key_alone()
    {
        await using var home = new TempHome();
        await File.WriteAllBytesAsync(Path.Combine(home.Folder, "key"), new byte[32]);
        await File.WriteAllTextAsync(Path.Combine(home.Folder, "passphrase"), "correct horse");
        (await home.HelixAsync("backup", "verify")).Failed(NotFound, "helix backup create");

        (await home.HelixAsync("backup", "create", "--key-file", "key", "--to", "mine.enc")).Succeeded();
        (await home.HelixAsync("backup", "create", "--passphrase-file", "passphrase", "--to", "other.enc")).Succeeded();

        (await home.HelixAsync("backup", "verify", "mine.enc", "--key-file", "key")).Succeeded();
        (await home.HelixAsync("backup", "verify", "mine.enc")).Failed(Refused, "encrypted");
        (await home.HelixAsync("backup", "verify", "other.enc", "--key-file", "key")).Failed(Refused, "passphrase");
        home.Environment["HELIX_BACKUP_PASSPHRASE"] = "correct horse";
        (await home.HelixAsync("backup", "verify", "other.enc")).Succeeded();
        home.Environment["HELIX_BACKUP_PASSPHRASE"] = "wrong horse";
        (await home.HelixAsync("backup", "verify", "other.enc")).Failed(Refused, "passphrase");
    }

    private static async Task TamperedAsync(TempHome other, string file)
    {
        var bytes = await File.ReadAllBytesAsync(file);
        var tampered = Path.Combine(other.Folder, "tampered.tar.gz");
        foreach (var at in (int[])[4, 20, 60, bytes.Length / 2, bytes.Length - 5])
        {
            bytes[at] ^= 1;
            await File.WriteAllBytesAsync(tampered, bytes);
            bytes[at] ^= 1;
            (await other.HelixAsync("backup", "restore", tampered)).Failed(Refused, "refused");
            (await other.HelixAsync("backup", "verify", tampered)).Failed(Refused, "refused");
        }

        Assert.False(File.Exists(other.Config));
    }

    private static async Task<string> OutAsync(TempHome home, params string[] words) => (await home.HelixAsync([.. words, "--format", "json"])).Succeeded().Out;

    /// <summary>The moment at which the weights came, and their folder, are others.</summary>
    private static IEnumerable<string> Known(JsonNode list) => list["models"]!.AsArray().Select(model => $"{model!["id"]} {model["sha256"]} {model["source"]}");

    private static async Task<JsonNode[]> HistoryAsync(TempHome home) => [.. JsonNode.Parse(await OutAsync(home, "history", "--limit", "10000"))!["events"]!.AsArray().Select(each => each!)];

    private static async Task<JsonNode> ProviderAsync(TempHome home) => (await home.Api.GetAsync("/helix/v1/providers")).Is(200).Json["providers"]!.AsArray().Single(provider => (string?)provider!["id"] == "builtin")!;
}
