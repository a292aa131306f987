using Helix.Mirrors.Git;
using Helix.Mirrors.Npm;

namespace Helix.Tests.Mirrors;

/// <summary>The mirrors serve the clients that people have: git, pip and npm.</summary>
public class RealClientTests
{
    private const string Tabby = "/github.com/theroyallab/tabbyAPI", FastChat = "/github.com/lm-sys/FastChat";

    [Fact]
    public async Task Git_clones_shallow_and_whole_and_fetches_a_commit_by_its_name()
    {
        Assert.SkipUnless(Tool.IsThere("git"), "there is no git");
        await using var house = await MirrorHouse.OpenAsync();
        await house.PublishAsync("tabbyapi", "e632af41");
        await house.PublishAsync("tabbyapi", "f07131cd");
        var (git, url) = (house.Mirror.Git, house.Mirror.Of("https://github.com/theroyallab/tabbyAPI").ToString());

        await Tool.SucceedsAsync(house.Folder, "git", "clone", "--quiet", url, "whole");
        await Tool.SucceedsAsync(house.Folder, "git", "clone", "--quiet", "--depth", "1", "--branch", "e632af41", url + ".git", "shallow");
        await Tool.SucceedsAsync(house.Folder, "git", "init", "--quiet", "one");
        await Tool.SucceedsAsync(Path.Combine(house.Folder, "one"), "git", "fetch", "--quiet", "--depth", "1", url, git.CommitOf(Tabby, "e632af41"));

        Assert.Equal(git.CommitOf(Tabby, "f07131cd"), (await Tool.SucceedsAsync(Path.Combine(house.Folder, "whole"), "git", "rev-parse", "HEAD")).Trim());
        Assert.Equal(git.CommitOf(Tabby, "e632af41"), (await Tool.SucceedsAsync(Path.Combine(house.Folder, "shallow"), "git", "rev-parse", "HEAD")).Trim());
        Assert.Equal(git.CommitOf(Tabby, "e632af41"), (await Tool.SucceedsAsync(Path.Combine(house.Folder, "one"), "git", "rev-parse", "FETCH_HEAD")).Trim());
        Assert.True(File.Exists(Path.Combine(house.Folder, "whole", "main.py")));

        house.Mirror.Faults.Fail(Tabby + "/*", 500);
        Assert.NotEqual(0, (await Tool.RunAsync(house.Folder, "git", "clone", "--quiet", url, "refused")).Code);
    }

    [Fact]
    public async Task Git_clones_from_plain_files_too()
    {
        Assert.SkipUnless(Tool.IsThere("git"), "there is no git");
        await using var house = await MirrorHouse.OpenAsync();
        var commit = await house.Mirror.Git.CommitAsync(new GitTree("/some/repo", "v1", [new("a.txt", "one")]));

        var (code, output) = await Tool.RunAsync(house.Folder, [("GIT_SMART_HTTP", "0")], "git", "clone", "--quiet", house.Mirror.Of("https://some/repo").ToString(), "here");

        Assert.True(code == 0, output);
        Assert.Equal(commit, (await Tool.SucceedsAsync(Path.Combine(house.Folder, "here"), "git", "rev-parse", "HEAD")).Trim());
        Assert.True(house.Mirror.Count("/some/repo/objects/*") > 0);
    }

    [Fact]
    public async Task Npm_installs_a_package_with_its_dependency_and_node_runs_it()
    {
        Assert.SkipUnless(Tool.IsThere("npm"), "there is no npm");
        await using var house = await MirrorHouse.OpenAsync();
        var package = (await house.PublishAsync("gpt4all", "4.0.0")).Packages[0];
        await File.WriteAllTextAsync(Path.Combine(house.Folder, "m.gguf"), "GGUF");
        await File.WriteAllTextAsync(Path.Combine(house.Folder, "models.json"), "[]");

        await Tool.SucceedsAsync(house.Folder, "npm", "install", "gpt4all@4.0.0", "--registry", house.Mirror.NpmUrl.ToString(), "--no-audit", "--no-fund", "--loglevel=error");
        var answer = await Tool.SucceedsAsync(house.Folder, "node", "-e", """
            const { loadModel, createCompletion } = require('gpt4all');
            (async () => {
              const model = await loadModel('m.gguf', { modelPath: '.', modelConfigFile: './models.json', allowDownload: false, device: 'cpu', nCtx: 512 });
              console.log((await createCompletion(model, 'hello')).choices[0].message.content);
            })();
            """);

        Assert.Equal("I am a stand-in for gpt4all 4.0.0, model m.gguf. You said: hello", answer.Trim());
        Assert.Equal(1, house.Mirror.Count(NpmRegistry.PathOf(package)));
    }

    [Fact]
    public async Task Pip_installs_wheels_and_checkouts_and_their_commands_are_the_stand_in()
    {
        Assert.SkipUnless(Tool.IsThere("python3") && Tool.IsThere("git"), "there is no python3 or no git");
        await using var house = await MirrorHouse.OpenAsync();
        var (made, why) = await Tool.RunAsync(house.Folder, "python3", "-m", "venv", "venv");
        Assert.SkipUnless(made == 0, $"python3 cannot make an environment: {why}");
        await house.PublishAsync("vllm", "0.31.0");
        await house.PublishAsync("mlx", "0.31.3");
        await house.PublishAsync("tabbyapi", "e632af41");
        await house.PublishAsync("fastchat", "0e6d3e4b");
        var bin = Path.Combine(house.Folder, "venv", "bin");
        Task<string> PipAsync(params string[] wanted) => Tool.SucceedsAsync(
            house.Folder, Path.Combine(bin, "python"), ["-m", "pip", "install", "--quiet", "--only-binary=:all:", "--index-url", house.Mirror.PythonUrl.ToString(), .. wanted]);

        // a version of a release that names its accelerator, the index's own, and two that are built from a checkout
        await PipAsync("mlx-lm[cpu]==0.31.3");
        await PipAsync("vllm==0.31.0");
        await Tool.SucceedsAsync(house.Folder, "git", "clone", "--quiet", house.Mirror.Of("https://github.com/theroyallab/tabbyAPI").ToString(), "tabby");
        await PipAsync("./tabby[cu12]");
        await PipAsync($"fschat[model_worker] @ git+{house.Mirror.Of("https:/" + FastChat)}@{house.Mirror.Git.CommitOf(FastChat, "0e6d3e4b")}");

        Assert.Equal("0.31.3", (await Tool.SucceedsAsync(house.Folder, Path.Combine(bin, "mlx_lm.server"), "--version")).Trim());
        Assert.Equal("0.31.0", (await Tool.SucceedsAsync(house.Folder, Path.Combine(bin, "vllm"), "--version")).Trim());
        var tabby = await Tool.RunAsync(Path.Combine(house.Folder, "tabby"), Path.Combine(bin, "python"), "main.py", "--bogus");
        Assert.Equal((2, true), (tabby.Code, tabby.Output.Contains("main.py: error", StringComparison.Ordinal)));
        var worker = await Tool.RunAsync(house.Folder, Path.Combine(bin, "python"), "-m", "fastchat.serve.model_worker", "--bogus");
        Assert.Equal((2, true), (worker.Code, worker.Output.Contains("model_worker.py: error", StringComparison.Ordinal)));
        Assert.Contains("exllamav3", await Tool.SucceedsAsync(house.Folder, Path.Combine(bin, "python"), "-m", "pip", "freeze"), StringComparison.Ordinal);
    }
}
