using System.Text.Json.Nodes;

namespace Helix.EndToEnd;

/// <summary>The engine that can really be had here by a download alone: GPT4All from npm.</summary>
[Collection(Alone.Name)]
public sealed class RealProviderTests
{
    private const string Model = "scripted";
    private const string Text = "These words were computed by a real engine.";
    private static readonly TimeSpan s_install = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task GPT4All_is_installed_from_npm_by_itself_and_answers()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64, "npm's gpt4all is built for x64 only");
        await using var home = Home("builtin, gpt4all");
        (await home.HelixAsync("start")).Succeeded();

        await AnswersAsync(home, "gpt4all", s_install);
        var release = await InstalledAsync(home, "gpt4all");
        Assert.Contains("answered with the self-test model", (string)release["tested"]!, StringComparison.Ordinal);
        RecordedRun.OfEngine("gpt4all", (string)release["version"]!);
        await SaysTheTextAsync(home, "gpt4all");

        // its engines die, and are back
        var engines = home.Alive.Where(process => process.CommandLine.Contains("gpt4all-server", StringComparison.Ordinal) || process.CommandLine.Contains("server.js", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(engines);
        engines.ForEach(engine => Processes.Signal(engine, Processes.Kill));
        await AnswersAsync(home, "gpt4all", s_install);

        (await home.HelixAsync("local-llm", "remove", "gpt4all")).Succeeded();
        Assert.False(Directory.Exists(Path.Combine(home.LocalLlm, "providers", "gpt4all", "versions")));
        (await home.Gateway.PostAsync("/v1/chat/completions", Ask("gpt4all/auto"))).Is(404);
        (await home.Gateway.PostAsync("/v1/chat/completions", Ask("auto"))).Is(200);
    }

    [Fact]
    public async Task After_a_plain_start_each_provider_says_what_it_waits_for_is_tried_again_with_growing_pauses_and_delays_nobody()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64, "npm's gpt4all is built for x64 only");
        string[] others = ["mistralrs", "tabbyapi", "vllm", "fastchat", "jan", "lmstudio", "localai", "mlx", "koboldai", "textgen"];
        // nothing but the registry of npm can be reached, wherever this runs
        await using var home = new TempHome { Installs = true };
        home.Configure($"providers:\n  enabled: [builtin, gpt4all, {string.Join(", ", others)}]\n{RealLlama.OnlyNpm}");
        NpmOfUser.Give(home);
        (home.Environment["PIP_INDEX_URL"], home.Environment["PIP_CONFIG_FILE"], home.Environment["PIP_RETRIES"]) = (TempHome.NoHub + "/simple", "/dev/null", "0");

        (await home.HelixAsync("start")).Succeeded();
        Assert.Equal("builtin", (await home.Gateway.PostAsync("/v1/chat/completions", Ask("auto"))).Is(200).Header("x-helix-provider"));
        var begun = TimeProvider.System.GetTimestamp();
        var seen = new Dictionary<string, string>();
        bool Waits(string said) => said.Contains("next try in", StringComparison.Ordinal) || said.Contains("not possible here, because", StringComparison.Ordinal) || said.Contains("accept-license", StringComparison.Ordinal) || said.Contains("while you run it", StringComparison.Ordinal);
        async Task AllAsync(Func<string, bool> says, TimeSpan deadline) => await Eventually.TrueAsync(
            async () =>
            {
                seen = (await home.Api.GetAsync("/helix/v1/providers")).Is(200).Json["providers"]!.AsArray().ToDictionary(provider => (string)provider!["id"]!, provider => $"{provider!["state"]}: {provider["reason"]}");
                return others.All(id => says(seen[id]));
            },
            "each provider to say what it waits for", () => string.Join('\n', seen), deadline);
        // a step that is being done is what it waits for, too
        await AllAsync(said => Waits(said) || (said.StartsWith("installing: ", StringComparison.Ordinal) && said.Length > "installing: ".Length), TimeSpan.FromSeconds(10));
        Ring.Say($"all had said so after {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0.0} s");
        await AllAsync(Waits, TimeSpan.FromMinutes(1));

        await AnswersAsync(home, "gpt4all", s_install);
        await SaysTheTextAsync(home, "gpt4all");
        // 10 s, then 30 s: more than 12 s to go can only be the second pause, or a later one
        await Eventually.TrueAsync(
            async () => (string)(await home.Api.GetAsync("/helix/v1/providers")).Is(200).Json["providers"]!.AsArray().Single(provider => (string?)provider!["id"] == "koboldai")!["reason"]! is var reason
                && System.Text.RegularExpressions.Regex.Match(reason, "next try in (\\d+) (s|min)") is { Success: true } next && (next.Groups[2].Value == "min" || int.Parse(next.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) > 12),
            "a longer pause before another try", () => string.Join('\n', seen), TimeSpan.FromMinutes(2));
    }

    private static TempHome Home(string enabled)
    {
        var home = new TempHome { Installs = true };
        home.Configure($"providers:\n  enabled: [{enabled}]\n");
        NpmOfUser.Give(home);
        return home;
    }

    /// <summary>Asks by name until the provider itself answers, once whole and once streamed.</summary>
    private static async Task AnswersAsync(TempHome home, string provider, TimeSpan deadline)
    {
        await Eventually.TrueAsync(
            async () => await home.Gateway.PostAsync("/v1/chat/completions", Ask($"{provider}/auto")) is { Status: 200 } reply && reply.Header("x-helix-provider") == provider,
            $"{provider} to answer", () => RealLlama.Log(home, provider), deadline);
        using var stream = await (await home.Gateway.StreamAsync("/v1/chat/completions", Ask($"{provider}/auto", stream: true))).ToEndAsync();
        Assert.True(stream.Done);
        Assert.NotEqual("", stream.Text);
    }

    /// <summary>What the model says is known word by word: whoever gives exactly that has computed it.</summary>
    private static async Task SaysTheTextAsync(TempHome home, string provider)
    {
        var file = Path.Combine(home.Make("files"), Model + ".gguf");
        if (!File.Exists(file)) (await home.HelixAsync("models", "add", ModelFile.Write(home.Make("files"), Model, Text))).Succeeded();
        var said = "";
        await Eventually.TrueAsync(
            async () =>
            {
                if (await home.Gateway.PostAsync("/v1/chat/completions", Ask($"{provider}/{Model}")) is not { Status: 200 } reply || reply.Header("x-helix-provider") != provider) return false;
                said = (string)reply.Json["choices"]![0]!["message"]!["content"]!;
                return true;
            },
            $"{provider} to answer with {Model}", () => RealLlama.Log(home, provider), s_install);
        Assert.Equal(Text, said);
        using var stream = await (await home.Gateway.StreamAsync("/v1/chat/completions", Ask($"{provider}/{Model}", stream: true))).ToEndAsync();
        Assert.True(stream.Done);
        Assert.Equal(Text, stream.Text);
    }

    private static async Task<JsonNode> InstalledAsync(TempHome home, string provider)
    {
        var versions = JsonNode.Parse((await home.HelixAsync("local-llm", "versions", provider, "--format", "json")).Succeeded().Out)!;
        return versions["versions"]!.AsArray().Single()!;
    }

    private static string Ask(string model, bool stream = false) =>
        $$"""{"model": "{{model}}", "stream": {{(stream ? "true" : "false")}}, "temperature": 0, "messages": [{"role": "user", "content": "Who are you?"}]}""";
}
