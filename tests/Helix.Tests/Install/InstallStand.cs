using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Helix.Core.Configuration;
using Helix.Core.Manifests;
using Helix.Install;
using Helix.Processes;
using Helix.Tests.Fakes;
using Helix.Tests.Variants;

namespace Helix.Tests.Install;

/// <summary>A home with everything that an installation needs, real processes included; a test says what the manifest says.</summary>
internal sealed class InstallStand : IDisposable
{
    private readonly TemporaryHome _temporary = new();
    private readonly Web _web;

    public InstallStand()
    {
        _web = new Web(new DownloadOptions(() => Offline, () => Mirrors), TimeProvider.System);
        Environment = KeeperEnvironment.Ours();
        Child = new BoundedChild(Processes, TimeProvider.System);
        Ground = new InstallGround(Child, _web, new Downloads(_web, TimeProvider.System), () => Toolchains.Beside(_temporary.Home, new(Environment, StringComparer.Ordinal)), _temporary.Home, OurFile);
    }

    public bool Offline { get; set; }

    public List<string> Mirrors { get; } = [];

    /// <summary>Files that come with helix, by name.</summary>
    public Dictionary<string, string> OurFiles { get; } = [];

    public Dictionary<string, string> Environment { get; }

    public RealProcesses Processes { get; } = new();

    public BoundedChild Child { get; }

    public InstallGround Ground { get; }

    public string Root => _temporary.Home.Root;

    public string Staging => Path.Combine(Root, "staging");

    public string Final => Path.Combine(Root, "versions", "1");

    public string Cache => Path.Combine(Root, "cache");

    public string LogFile => Path.Combine(Root, "logs", "install.log");

    public ConcurrentQueue<InstallProgress> Reports { get; } = new();

    public string Log => File.ReadAllText(LogFile);

    /// <summary>Every file of what was made, below it.</summary>
    public IEnumerable<string> Made => Directory.EnumerateFiles(Staging, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Staging, path)).Order(StringComparer.Ordinal);

    /// <param name="json">The value of <c>install</c>: one way.</param>
    public static InstallWay Way(string json)
    {
        var document = JsonNodeOf("""
            {"id": "mine", "name": "Mine", "category": "foundation", "description": "An engine.", "licence": "MIT", "home": "https://example.org", "tier": 2,
             "runs": {"elsewhere": "no", "platforms": [{"os": "linux", "architectures": ["x64"]}]}, "install": [WAY]}
            """.Replace("WAY", json, StringComparison.Ordinal));
        var outcome = ManifestParser.Parse(new ConfigDocument(document, ImmutableDictionary<string, int>.Empty));
        return outcome is ManifestOutcome.Good(var manifest) ? manifest.Install[0] : throw new InvalidOperationException(string.Join('\n', ((ManifestOutcome.Bad)outcome).Errors));
    }

    public InstallJob Job(InstallWay way) => new("mine", way, way.Assets.FirstOrDefault(), way.Version!, Staging, Final, Cache, LogFile, Accelerator.None, Reports.Enqueue);

    /// <summary>Begins with an empty folder each time, as whoever installs does.</summary>
    public Task<InstallOutcome> InstallAsync(InstallWay way, CancellationToken? stop = null) => InstallAsync(Job(way), stop);

    public Task<InstallOutcome> InstallAsync(InstallJob job, CancellationToken? stop = null)
    {
        if (Directory.Exists(Staging)) Directory.Delete(Staging, recursive: true);
        return new Installer(Ground).InstallAsync(job, stop ?? TestContext.Current.CancellationToken);
    }

    public async Task<ImmutableArray<FetchedDigest>> InstalledAsync(InstallWay way)
    {
        var outcome = await InstallAsync(way);
        if (outcome is not InstallOutcome.Done(var digests)) throw new InvalidOperationException($"{outcome}\n{Log}");
        DigestLedger.In(Path.Combine(_temporary.Home.Providers, "mine")).Record(digests);
        return digests;
    }

    public async Task<InstallOutcome.Failed> RefusedAsync(InstallWay way) => Assert.IsType<InstallOutcome.Failed>(await InstallAsync(way));

    /// <summary>Puts a program of a few lines of sh in front of the PATH.</summary>
    public void Script(string name, string lines)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Root, "bin")).FullName;
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, "#!/bin/sh\n" + lines + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (!Environment["PATH"].StartsWith(folder, StringComparison.Ordinal)) Environment["PATH"] = $"{folder}:{Environment["PATH"]}";
    }

    public void Dispose()
    {
        _web.Dispose();
        _temporary.Dispose();
    }

    private static System.Text.Json.Nodes.JsonObject JsonNodeOf(string text) => System.Text.Json.Nodes.JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { AllowTrailingCommas = true })!.AsObject();

    private Stream? OurFile(string name) => OurFiles.TryGetValue(name, out var text) ? new MemoryStream(Encoding.UTF8.GetBytes(text)) : null;
}
