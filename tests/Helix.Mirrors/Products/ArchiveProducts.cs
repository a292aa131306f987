using System.Security.Cryptography;
using System.Text;
using Helix.Mirrors.Files;
using Helix.Mirrors.Oci;

namespace Helix.Mirrors.Products;

/// <summary>Providers that come as archives or as one file.</summary>
internal sealed class ArchiveProducts(Wrapper wrapper)
{
    private const string Hub = "/github.com";

    public Payload ForLlamaServer(string version)
    {
        var root = $"llama-{version}";
        Entry[] files =
        [
            wrapper.Program($"{root}/llama-server", "llamacpp", "llamacpp", version), new($"{root}/LICENSE", "MIT\n"), .. wrapper.Pad($"{root}/libggml-base.so", $"llamacpp-{version}"),
        ];
        return Assets("llamacpp", version, $"{Hub}/ggml-org/llama.cpp/releases/download/{version}", files,
            [.. ((string[])["ubuntu-x64.tar.gz", "ubuntu-arm64.tar.gz", "ubuntu-vulkan-x64.tar.gz", "ubuntu-vulkan-arm64.tar.gz", "macos-arm64.tar.gz", "macos-x64.tar.gz", "win-cpu-x64.zip", "win-cpu-arm64.zip"])
                .Select(platform => $"llama-{version}-bin-{platform}")]);
    }

    /// <summary>Names without the version, as upstream has them.</summary>
    public Payload ForMistralRs(string version) => Assets(
        "mistralrs", version, $"{Hub}/EricLBuehler/mistral.rs/releases/download/v{version}",
        [wrapper.Program("mistralrs", "mistralrs", "mistralrs", version), .. wrapper.Pad("lib/libcandle.so", $"mistralrs-{version}")],
        ["mistralrs-cpu-x86_64-unknown-linux-gnu.tar.gz", "mistralrs-cpu-aarch64-unknown-linux-gnu.tar.gz", "mistralrs-metal-aarch64-apple-darwin.tar.gz", "mistralrs-cpu-x86_64-pc-windows-msvc.zip"]);

    /// <summary>The interpreter inside poses as the server, whose script is its first argument.</summary>
    public Payload ForTextGen(string version)
    {
        var root = $"textgen-{version}";
        Entry[] files =
        [
            wrapper.Program($"{root}/app/portable_env/bin/python3", "textgen", "textgen", version), new($"{root}/app/server.py", "# the stand-in's interpreter does not read it\n"),
            wrapper.Program($"{root}/textgen", "textgen", "textgen", version), new($"{root}/user_data/CMD_FLAGS.txt", "# flags\n"), .. wrapper.Pad($"{root}/app/weights.bin", $"textgen-{version}"),
        ];
        return Assets("textgen", version, $"{Hub}/oobabooga/textgen/releases/download/v{version}", files,
            [.. ((string[])["linux-cpu.tar.gz", "linux-vulkan.tar.gz", "linux-cuda12.4.tar.gz", "linux-rocm7.2.tar.gz", "linux-arm64-cuda13.1.tar.gz", "windows-cpu.zip", "macos-arm64.tar.gz", "macos-x86_64.tar.gz"])
                .Select(platform => $"textgen-portable-{version}-{platform}")]);
    }

    public Payload ForKobold(string version) => Single(
        "koboldai", version, $"{Hub}/LostRuins/koboldcpp/releases/download/v{version}", ["koboldcpp-linux-x64", "koboldcpp-linux-x64-nocuda", "koboldcpp-mac-arm64"]);

    public Payload ForLocalAi(string version)
    {
        var payload = Single(
            "localai", version, $"{Hub}/mudler/LocalAI/releases/download/v{version}", [.. ((string[])["linux-amd64", "linux-arm64", "darwin-arm64"]).Select(platform => $"local-ai-v{version}-{platform}")]);
        var sums = string.Concat(payload.Files.Select(file => $"{Convert.ToHexStringLower(SHA256.HashData(file.Value))}  {Path.GetFileName(file.Key)}\n"));
        var files = new Dictionary<string, byte[]>(payload.Files) { [$"{Hub}/mudler/LocalAI/releases/download/v{version}/LocalAI-v{version}-checksums.txt"] = Encoding.UTF8.GetBytes(sums) };
        Entry[] metadata = [new("metadata.json", """{"name":"llama-cpp"}""")];
        Entry[] program = [new("run.sh", "#!/bin/sh\n# the stand-in computes by itself; the real LocalAI starts this\nexit 1\n", executable: true), .. wrapper.Pad("libllama.so", $"localai-{version}")];
        return payload with { Files = files, Images = [new OciImage("go-skynet/local-ai-backends", $"v{version}-cpu-llama-cpp", [metadata, program])] };
    }

    /// <summary>Each archive with its digest in a file beside it, as the vendor has it.</summary>
    public Payload ForLmStudio(string version)
    {
        var payload = Assets("lmstudio", version, "/llmster.lmstudio.ai/download",
            [wrapper.Program("llmster", "lmstudio", "llmster", version), .. wrapper.Pad("bundle.bin", $"lmstudio-{version}")],
            [.. ((string[])["linux-x64.full.tar.gz", "linux-x64.full+cuda12.tar.gz", "linux-arm64.full.tar.gz", "win32-x64.full.zip", "win32-arm64.full.zip", "darwin-arm64.full.tar.gz"]).Select(platform => $"{version}-{platform}")]);
        var files = new Dictionary<string, byte[]>(payload.Files);
        foreach (var (path, bytes) in payload.Files) files[$"{path}.sha512"] = Encoding.UTF8.GetBytes($"{Convert.ToHexStringLower(SHA512.HashData(bytes))}  {Path.GetFileName(path)}\n");
        return payload with { Files = files };
    }

    private static Payload Assets(string provider, string version, string folder, Entry[] files, string[] names)
    {
        var (tar, zip) = (Archive.TarGz(files), Archive.Zip(files));
        return new Payload(provider, version) { Files = names.ToDictionary(name => $"{folder}/{name}", name => name.EndsWith(".zip", StringComparison.Ordinal) ? zip : tar) };
    }

    /// <summary>The program itself, with padding behind its last line: a shell reads no further than <c>exec</c>.</summary>
    private Payload Single(string provider, string version, string folder, string[] names)
    {
        var script = Encoding.UTF8.GetBytes(wrapper.Shell(provider, provider, version));
        byte[] bytes = [.. script, .. wrapper.Pad("", $"{provider}-{version}").SelectMany(entry => Encoding.ASCII.GetBytes("#" + Convert.ToBase64String(entry.Bytes)))];
        return new Payload(provider, version) { Files = names.ToDictionary(name => $"{folder}/{name}", _ => bytes) };
    }
}
