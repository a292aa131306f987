using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Helix.Core.Hardware;
using Helix.Engine.Native;
using Helix.Processes;
using Helix.Storage;
using Helix.Tests.Fakes;
using Helix.Variants;

namespace Helix.Tests.Variants;

/// <summary>A home, a package made for the test, and a stand-in for npm: a script that does with it what the test says.</summary>
internal sealed class NpmStandIn : IDisposable
{
    public const string Folder = "package/bins/linux-x64-vulkan/";

    private readonly TemporaryHome _temporary = new();
    private readonly string _bin;

    public NpmStandIn(params (string Name, string Text)[] more)
    {
        _bin = Directory.CreateDirectory(Path.Combine(_temporary.Home.Root, "bin")).FullName;
        Store = new VariantStore(_temporary.Home);
        var bytes = Pack(
        [
            (Folder + "libllama.vulkan.v0.4.0.so", "llama"), (Folder + "libggml.vulkan.v0.4.0.so", "ggml"), (Folder + "llama-addon.node", "not needed"),
            (Folder + "_nlcBuildMetadata.json", "{\"buildOptions\":{\"llamaCpp\":{\"release\":\"" + LlamaLibrary.Release + "\"}}}"), .. more,
        ]);
        File.WriteAllBytes(Packed, bytes);
        Package = new EnginePackage("@stand-in/vulkan", EnginePackages.Version, "sha512-" + Convert.ToBase64String(SHA512.HashData(bytes)), bytes.Length, 1000, Folder);
    }

    public HelixHome Home => _temporary.Home;

    public VariantStore Store { get; }

    public EnginePackage Package { get; }

    public RealProcesses Processes { get; } = new();

    /// <summary>What the script finds, and a test may change.</summary>
    public string Packed => Path.Combine(_temporary.Home.Root, "packed");

    public string LogFile => Path.Combine(_temporary.Home.Logs, "builtin", "variant-fetch.log");

    /// <summary>Everything below the store's folder.</summary>
    public IEnumerable<string> Stored =>
        Directory.Exists(Store.Root) ? Directory.EnumerateFileSystemEntries(Store.Root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Store.Root, path)) : [];

    /// <param name="script">Lines of sh; <c>$4</c> is the folder into which npm packs.</param>
    public VariantFetch Fetch(string? script)
    {
        var npm = Path.Combine(_bin, "npm");
        if (script is not null)
        {
            File.WriteAllText(npm, "#!/bin/sh\n" + script + "\n");
            File.SetUnixFileMode(npm, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var child = new BoundedChild(Processes, TimeProvider.System);
        var client = new NpmClient(child, LogFile, () => new(StringComparer.Ordinal) { ["PATH"] = _bin, ["HOME"] = _temporary.Home.Root });
        return new VariantFetch(Store, client, _ => [Package]);
    }

    public void Dispose() => _temporary.Dispose();

    private static byte[] Pack(IEnumerable<(string Name, string Text)> files)
    {
        using var packed = new MemoryStream();
        using (var zipped = new GZipStream(packed, CompressionLevel.Fastest))
        using (var tar = new TarWriter(zipped))
        {
            foreach (var (name, text) in files)
            {
                TarEntry entry = text.StartsWith("-> ", StringComparison.Ordinal)
                    ? new UstarTarEntry(TarEntryType.SymbolicLink, name) { LinkName = text[3..] }
                    : new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) };
                tar.WriteEntry(entry);
            }
        }

        return packed.ToArray();
    }
}
