using Helix.Core.Models;

namespace Helix.EndToEnd;

/// <summary>A home on a disk of its own, which is soon full.</summary>
public sealed class FullDiskTests
{
    private const int NoSpace = 10;
    private const int DiskMegabytes = 96;

    [Fact]
    public async Task A_file_that_does_not_fit_is_not_even_begun()
    {
        await using var hub = await HubStandIn.StartAsync(new byte[2 * DiskMegabytes << 20]);
        await using var home = await OnSmallDiskAsync(hub);

        (await PullAsync(home)).Failed(NoSpace, "MB");

        Assert.Empty(hub.Began);
        await AnswersAsync(home);
    }

    [Fact]
    public async Task A_disk_that_fills_up_during_a_pull_costs_only_the_pull()
    {
        await using var hub = await HubStandIn.StartAsync(ScriptedGguf.Make(ModelFile.Words(5000)));
        await using var home = await OnSmallDiskAsync(hub);
        hub.Pause = new();
        var pulling = PullAsync(home);
        await hub.PausedAsync();
        var filler = Path.Combine(home.Root, "filler");
        Fill(filler);
        hub.Pause.SetResult();

        (await pulling).Failed(NoSpace);
        await AnswersAsync(home);

        File.Delete(filler);
        (await PullAsync(home)).Succeeded();
        (await home.Gateway.PostAsync("/v1/completions", """{"model":"big","prompt":"Hi","max_tokens":4}""")).Is(200);
    }

    private static async Task<TempHome> OnSmallDiskAsync(HubStandIn hub)
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root, to mount a small disk");
        var home = new TempHome();
        home.Environment["HF_ENDPOINT"] = hub.Address;
        var mount = await Launched.RunAsync(new Command("/bin/mount", ["-t", "tmpfs", "-o", $"size={DiskMegabytes}m,mode=700", "helix-e2e", home.Root], home.Environment, "/"));
        if (mount.Code != 0) await home.DisposeAsync();
        Assert.SkipUnless(mount.Code == 0, $"a small disk cannot be mounted here: {mount.Error}");
        home.BeforeDeleted = async () => (await Launched.RunAsync(new Command("/bin/umount", ["-l", home.Root], home.Environment, "/"))).Succeeded();
        home.Configure("");
        (await home.HelixAsync("start")).Succeeded();
        return home;
    }

    private static Task<Ended> PullAsync(TempHome home) => home.HelixAsync("models", "pull", HubStandIn.Source, "--name", "big");

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var piece = new byte[4096];
        try
        {
            while (true) file.Write(piece);
        }
        catch (IOException)
        {
            // full, as wanted
        }
    }

    private static async Task AnswersAsync(TempHome home) =>
        (await home.Gateway.PostAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"Hi"}],"model":"helix-selftest"}""")).Is(200);
}
