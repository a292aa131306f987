using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Helix.Mirrors;

namespace Helix.EndToEnd;

/// <summary>A machine without Node.js: this one's own, packed as its makers pack it, comes from a mirror.</summary>
[Collection(Alone.Name)]
public sealed class FetchedToolTests
{
    private const string Version = "24.18.0";
    private const string Root = $"node-v{Version}-linux-x64";

    private static readonly string[] s_ofNode = ["node", "nodejs", "npm", "npx", "corepack"];

    [Fact]
    public async Task Where_there_is_no_Node_it_is_fetched_and_GPT4All_is_installed_and_runs_with_it()
    {
        Assert.SkipUnless(Ring.IsLong, "only in long runs (./test --long): another test installs GPT4All with the Node.js that is there");
        Assert.SkipUnless(OperatingSystem.IsLinux() && System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64, "npm's gpt4all is built for x64 only");
        await using var mirror = await MirrorServer.StartAsync();
        var archive = PackNode();
        mirror.Files.Add($"/nodejs.org/download/release/v{Version}/{Root}.tar.gz", archive);
        mirror.Files.Add($"/nodejs.org/download/release/v{Version}/SHASUMS256.txt", Encoding.UTF8.GetBytes($"{Convert.ToHexStringLower(SHA256.HashData(archive))}  {Root}.tar.gz\n"));
        await using var home = new TempHome { Installs = true };
        home.Configure($"providers:\n  enabled: [builtin, gpt4all]\nsources:\n  mirrors:\n    - https://nodejs.org/={mirror.Of("https://nodejs.org/")}\n");
        NpmOfUser.Give(home);
        home.Environment["PATH"] = PathWithoutNode(home);

        (await home.HelixAsync("start")).Succeeded();

        const string Ask = """{"model": "gpt4all/auto", "messages": [{"role": "user", "content": "Who are you?"}]}""";
        string[] logs = [.. new[] { "install.log", "version.log", "trial.log" }.Select(name => Path.Combine(home.LocalLlm, "logs", "gpt4all", name))];
        await Eventually.TrueAsync(
            async () => await home.Gateway.PostAsync("/v1/chat/completions", Ask) is { Status: 200 } reply && reply.Header("x-helix-provider") == "gpt4all",
            "GPT4All to answer", () => home.HelixAsync("local-llm", "list").GetAwaiter().GetResult().Out + string.Join("\n", logs.Where(File.Exists).Select(File.ReadAllText)), TimeSpan.FromMinutes(3));
        var fetched = Path.Combine(home.LocalLlm, "tools", "node", Version, "bin", "node");
        Assert.Contains(home.Alive, process => process.CommandLine.StartsWith(fetched, StringComparison.Ordinal));
        Assert.Contains($"{fetched} (v", (await home.HelixAsync("doctor")).Out, StringComparison.Ordinal);
    }

    /// <summary>Links to all programs but those.</summary>
    private static string PathWithoutNode(TempHome home)
    {
        var folder = home.Make("bin");
        foreach (var program in home.Environment["PATH"].Split(':').Where(Directory.Exists).SelectMany(Directory.GetFiles))
            if (!s_ofNode.Contains(Path.GetFileName(program)) && !Path.Exists(Path.Combine(folder, Path.GetFileName(program))))
                File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(program)), program);
        return folder;
    }

    private static byte[] PackNode()
    {
        string[] path = Environment.GetEnvironmentVariable("PATH")!.Split(':');
        var (node, npm) = (Real("node"), Real("npm"));
        Assert.SkipUnless(node is not null && npm is not null, "node or npm is not on the PATH");
        using var packed = new MemoryStream();
        using (var zipped = new GZipStream(packed, CompressionLevel.NoCompression))
        using (var tar = new TarWriter(zipped))
        {
            tar.WriteEntry(node!, $"{Root}/bin/node");
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, $"{Root}/bin/npm") { LinkName = "../lib/node_modules/npm/bin/npm-cli.js" });
            var itself = Path.GetDirectoryName(Path.GetDirectoryName(npm))!;
            foreach (var file in Directory.EnumerateFiles(itself, "*", SearchOption.AllDirectories))
                tar.WriteEntry(file, $"{Root}/lib/node_modules/npm/{Path.GetRelativePath(itself, file)}");
        }

        return packed.ToArray();

        string? Real(string name) => path.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is { } found ? new FileInfo(found).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? found : null;
    }
}
