using Helix.Backup;
using Helix.Core.Configuration;
using Helix.Core.History;
using Helix.Install;
using Helix.Manifests;
using Helix.Models;
using Helix.Storage;
using Helix.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Backup;

/// <summary>A home with everything that is backed up, and its database in use.</summary>
internal sealed class BackupHouse : IAsyncDisposable
{
    private readonly TemporaryHome _temporary = new();
    private Database? _database;

    public BackupHouse()
    {
        Time.SetUtcNow(new(2026, 11, 29, 8, 0, 0, TimeSpan.Zero));
        var (shelf, store) = (new ManifestShelf(Home), new ReleaseStore(Home));
        var contents = new BackupContents(Home, shelf, store);
        var write = new BackupWrite(Home, contents, CopyAsync, "0.1.0", Time);
        Backups = new(Home, write, new((words, _) => { Commands.Add(string.Join(' ', words)); return Task.FromResult(CommandFails); }), () => Config, Told.Add, Time);
    }

    public HelixHome Home => _temporary.Home;

    public FakeTimeProvider Time { get; } = new();

    public BackupConfig Config { get; set; } = new();

    public List<HistoryEvent> Told { get; } = [];

    public List<string> Commands { get; } = [];

    public string? CommandFails { get; set; }

    public Backups Backups { get; }

    public Database Database => _database ??= new(Home.Database, Time, NullLogger<Database>.Instance);

    public OfflineBackup Offline => new(Home, "0.1.0", Time);

    /// <summary>What the user did in it.</summary>
    public async Task FurnishAsync(string port = "4400")
    {
        _temporary.WriteConfig($"gateway:\n  port: {port}\n");
        await WriteAsync("providers.d/mine.yaml", "id: [\n");
        await WriteAsync("state/engines.json", "{}");
        var store = new ReleaseStore(Home);
        store.Finish(new("vllm", "1.0+nvidia", "", Core.Manifests.Accelerator.Nvidia, Core.Manifests.InstallKind.Python, Time.GetUtcNow(), 1, System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty, [], ""), store.Begin("vllm", "1.0+nvidia"));
        store.Switch("vllm", "1.0+nvidia");
        store.Remember("koboldai", new(Pinned: "1.9"));
        await WriteAsync("providers/koboldai/data/cache", "fetched again by itself");
        var library = new LibraryFolder(Home.Models);
        library.Create();
        var sha = new string('a', 64);
        new LibraryManifest(1, "tiny", [new("tiny.gguf", sha, 5)], "https://example.org/tiny.gguf", Time.GetUtcNow(), "").Write(library);
        await File.WriteAllTextAsync(library.Blob(sha), "bytes");
        await new WishTable(Database).SetAsync("vllm", Wish.Stop);
        new HistoryTable(Database).Append(new(Time.GetUtcNow(), HistoryKind.Self, Severity.Info, null, null, "started", "it was there"));
    }

    public async Task WriteAsync(string path, string text)
    {
        var file = Path.Combine(Home.LocalLlm, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, text);
    }

    public string Read(string path) => File.ReadAllText(Path.Combine(Home.LocalLlm, path));

    public async Task<Dictionary<string, Wish>> WishesAsync() => ((Stored<Dictionary<string, Wish>>.Ok)await new WishTable(Database).AllAsync()).Value;

    public async Task<IEnumerable<string>> HistoryAsync() => ((Stored<List<HistoryEvent>>.Ok)await new HistoryTable(Database).ReadAsync(new())).Value.Select(each => each.Words);

    public async Task CloseAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
        _database = null;
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _temporary.Dispose();
    }

    private async Task CopyAsync(string path, CancellationToken cancellationToken) => Assert.IsType<Stored<bool>.Ok>(await Database.AskAsync(connection =>
    {
        DatabaseFile.Copy(connection, path);
        return true;
    }));
}
