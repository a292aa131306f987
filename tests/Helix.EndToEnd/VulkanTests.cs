using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Helix.EndToEnd;

/// <summary>The whole way to another device, with the real package from npm and Mesa's software device in the place of a card. Only in long runs.</summary>
[Collection(Alone.Name)]
public sealed class VulkanTests
{
    private const string Model = "scripted";
    private const string Text = "These words were computed by a shader.";
    private static readonly string[] s_loaders = ["/usr/lib/x86_64-linux-gnu/libvulkan.so.1", "/usr/lib64/libvulkan.so.1", "/usr/lib/libvulkan.so.1"];

    /// <summary>A software device translates every shader with LLVM when an engine starts.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(6);

    [Fact]
    public async Task A_Vulkan_device_is_found_fetched_for_tested_and_computed_on()
    {
        await using var home = new TempHome();
        var driver = await SoftwareDriverAsync(home);
        Prepare(home, driver);
        var file = ModelFile.Write(home.Make("files"), Model, Text);

        (await home.HelixAsync("start")).Succeeded();
        (await home.HelixAsync("models", "add", file)).Succeeded();
        await SaysAsync(home);
        await Eventually.TrueAsync(() => IsReadyWithAsync(home, ", Vulkan"), "the engine on the Vulkan device", () => Logs(home), s_patience);

        await SaysAsync(home);
        var engine = Engine(home);
        Assert.Contains("libggml-vulkan.so", Maps(engine), StringComparison.Ordinal);
        Assert.Contains("libvulkan_lvp.so", Maps(engine), StringComparison.Ordinal);
        Assert.Contains("offloaded 2/2 layers to GPU (Vulkan0, llvmpipe", Logs(home), StringComparison.Ordinal);

        // a new daemon knows that this build has passed its test, and lets the engine run on
        var daemon = home.Daemon;
        Processes.Signal(daemon, Processes.Kill);
        await Eventually.TrueAsync(() => home.Daemon is { } next && next.Pid != daemon.Pid, "the next daemon");
        await Eventually.TrueAsync(() => IsReadyWithAsync(home, ", Vulkan"), "the engine to be found again", () => Logs(home));
        Assert.Equal(engine.Pid, Engine(home).Pid);

        (await home.HelixAsync("config", "set", "builtin.device", "cpu")).Succeeded();
        await Eventually.TrueAsync(() => IsReadyWithAsync(home, ""), "the engine on the processor", () => Logs(home));
        Assert.DoesNotContain("libggml-vulkan.so", Maps(Engine(home)), StringComparison.Ordinal);
        await SaysAsync(home);
    }

    private static void Prepare(TempHome home, string driver)
    {
        // the one device that llama.cpp does not take by itself; npm with this user's registry and proxy
        home.Device = "vulkan";
        home.Configure("");
        (home.Environment["GGML_VK_VISIBLE_DEVICES"], home.Environment["VK_DRIVER_FILES"], home.Environment["VK_ICD_FILENAMES"]) = ("0", driver, driver);
        NpmOfUser.Give(home);
    }

    private static async Task<string> SoftwareDriverAsync(TempHome home)
    {
        Assert.SkipUnless(Ring.IsLong, "only in long runs (./test --long): it fetches 27 MB and computes on a slow device");
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "there is a Vulkan build of the engine for Linux on x64 only");
        if (Find() is { } there) return there;
        Assert.SkipUnless(Environment.UserName == "root" && File.Exists("/usr/bin/apt-get"), "Vulkan's loader and Mesa's software device are not installed, and only root on Debian or Ubuntu can do so here");
        const string Install = "apt-get install -y --no-install-recommends libvulkan1 mesa-vulkan-drivers";
        var environment = new Dictionary<string, string>(home.Environment, StringComparer.Ordinal) { ["DEBIAN_FRONTEND"] = "noninteractive", ["TMPDIR"] = "/tmp" };
        var installed = await Launched.RunAsync(new Command("/bin/sh", ["-c", $"{Install} || (apt-get update && {Install})"], environment, "/"), TimeSpan.FromMinutes(5));
        Assert.SkipUnless(installed.Code == 0 && Find() is not null, $"Mesa's software device could not be installed: {installed.Error}");
        return Find()!;
    }

    private static string? Find()
    {
        const string Drivers = "/usr/share/vulkan/icd.d";
        return s_loaders.Any(File.Exists) && Directory.Exists(Drivers) ? Directory.GetFiles(Drivers, "lvp_icd*.json").FirstOrDefault() : null;
    }

    private static async Task<bool> IsReadyWithAsync(TempHome home, string build)
    {
        var status = JsonNode.Parse((await home.HelixAsync("status", "--format", "json")).Out);
        var failed = status?["notes"]?.AsArray().Select(note => (string)note!).FirstOrDefault(note => note.Contains("build for Vulkan could not be fetched", StringComparison.Ordinal));
        Assert.SkipWhen(failed is not null, $"npm cannot be reached from here: {failed}");
        var provider = status?["providers"]?[0];
        var model = status?["models"]?.AsArray().FirstOrDefault(model => (string)model!["id"]! == Model);
        return (string?)provider?["release"] is { } release && release.EndsWith(build, StringComparison.Ordinal) && release.Contains(',', StringComparison.Ordinal) == build.Length > 0
            && (string?)model?["state"] == "ready";
    }

    private static async Task SaysAsync(TempHome home)
    {
        var reply = await home.Gateway.PostAsync("/v1/chat/completions", $$"""{"model":"{{Model}}","messages":[{"role":"user","content":"Who computes?"}]}""");
        Assert.Equal(Text, (string?)reply.Is(200).Json["choices"]?[0]?["message"]?["content"]);
    }

    private static HomeProcess Engine(TempHome home) => home.Engines.Single(engine => engine.CommandLine.Contains(" --alias " + Model, StringComparison.Ordinal));

    private static string Maps(HomeProcess process) => File.ReadAllText($"/proc/{process.Pid}/maps");

    private static string Logs(TempHome home) =>
        string.Concat(Directory.GetFiles(Path.Combine(home.LocalLlm, "logs"), "*.log", SearchOption.AllDirectories).Select(log => $"== {Path.GetFileName(log)}\n{File.ReadAllText(log)}"));
}
