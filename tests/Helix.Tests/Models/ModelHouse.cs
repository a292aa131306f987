using System.Text.Json.Nodes;
using Helix.Configuration;
using Helix.Core.Configuration;
using Helix.Core.Hardware;
using Helix.Core.Models;
using Helix.Install;
using Helix.Models;
using Helix.Tests.Install;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Models;

/// <summary>A library, a hub and all that lies between them.</summary>
internal sealed class ModelHouse : IAsyncDisposable
{
    public const string Entry = "tiny";

    private readonly string _root = Directory.CreateTempSubdirectory("helix-test-").FullName;
    private readonly Web _web;

    private ModelHouse(HubStandIn hub, byte[] listed)
    {
        HubStandIn = hub;
        Endpoint = hub.Url;
        Folder = new LibraryFolder(Path.Combine(_root, "models"));
        Library = new ModelLibrary(Folder, Time, NullLogger<ModelLibrary>.Instance);
        _web = new Web(new DownloadOptions(() => Offline, () => []), TimeProvider.System);
        Catalog = CatalogOf(listed);
        Pulls = new ModelPulls(Library, new ModelFetch(Library, new Downloads(_web, TimeProvider.System), new Hub(_web, () => Endpoint)), () => Catalog, () => Endpoint);
        Arrival = new ModelArrival(Library, Pulls, new ArrivalFacts(() => new HardwareFacts(8L << 30, 7L << 30, 4, 100L << 30, false, []), () => Catalog, () => Offline), Config, Time, NullLogger<ModelArrival>.Instance);
        hub.Files["owner/repository/tiny.gguf"] = listed;
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public HubStandIn HubStandIn { get; }

    public LibraryFolder Folder { get; }

    public ModelLibrary Library { get; }

    public ModelPulls Pulls { get; }

    public ModelArrival Arrival { get; }

    public ModelCatalog Catalog { get; }

    public FixedConfig Config { get; } = new();

    public Uri Endpoint { get; set; }

    public bool Offline { get; set; }

    public static async Task<ModelHouse> BuildAsync(byte[] listed) => new(await HubStandIn.StartAsync(), listed);

    public async ValueTask DisposeAsync()
    {
        await Arrival.StopAsync(CancellationToken.None);
        Arrival.Dispose();
        _web.Dispose();
        Library.Dispose();
        await HubStandIn.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    private static ModelCatalog CatalogOf(byte[] listed) => ModelCatalog.Parse(new JsonObject
    {
        ["models"] = new JsonArray(new JsonObject
        {
            ["id"] = Entry,
            ["role"] = "chat",
            ["license"] = "MIT",
            ["repository"] = "owner/repository",
            ["revision"] = HubStandIn.Commit,
            ["file"] = "tiny.gguf",
            ["bytes"] = listed.Length,
            ["sha256"] = HubStandIn.Digest(listed),
            ["billions"] = 0.1,
            ["context"] = 512,
            ["need_8k_gib"] = 0.1,
            ["choose_from_gib"] = 0.1,
            ["sources"] = "made for a test",
            ["variants"] = new JsonArray(new JsonObject { ["format"] = "safetensors", ["repository"] = "maker/Tiny-Chat-bf16", ["sources"] = "made for a test" }),
        }),
    }).Catalog!;
}

/// <summary>A configuration that a test replaces.</summary>
internal sealed class FixedConfig : IConfigView
{
    private readonly Published<HelixConfig> _published = new(HelixConfig.Default);

    public HelixConfig Current => _published.Current;

    public long Version => _published.Version;

    public IReadOnlyList<string> Problems => [];

    public Task ChangedAsync(long version, CancellationToken cancellationToken) => _published.ChangedAsync(version, cancellationToken);

    public void Become(HelixConfig config) => _published.Replace(config);
}
