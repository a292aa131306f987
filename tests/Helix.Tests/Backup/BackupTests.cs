using System.Formats.Tar;
using System.IO.Compression;
using Helix.Backup;
using Helix.Core.Backup;
using Helix.Core.History;
using Helix.Install;
using Helix.Processes;
using Helix.Storage;
using Helix.Tests.Fakes;

namespace Helix.Tests.Backup;

public sealed class BackupTests : IAsyncLifetime
{
    private readonly BackupHouse _house = new();
    private readonly BackupHouse _other = new();
    private readonly TemporaryHome _scratch = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _house.FurnishAsync();

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        await _other.DisposeAsync();
        _scratch.Dispose();
    }

    [Fact]
    public async Task A_backup_holds_what_was_said_and_remembered_and_nothing_that_can_be_fetched()
    {
        var made = await _house.Backups.BackupNowAsync("asked", Token);

        Assert.Equal(Path.Combine(_house.Home.Backups, "helix-20261129-080000.tar.gz"), made.Path);
        Assert.Equal(
            ["auto-manager/config/auto-config.yaml", "models/manifests/tiny.json", "providers.d/mine.yaml", "providers/koboldai/words.json", "state/engines.json", "state/helix.db"],
            made.Manifest.Files.Select(file => file.Path).Order(StringComparer.Ordinal));
        Assert.Equal([new BackupRelease("vllm", "1.0+nvidia", null)], made.Manifest.Releases);
        Assert.Equal([new BackupModel("tiny", "https://example.org/tiny.gguf", new('a', 64))], made.Manifest.Models);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(made.Path));
        Assert.Equal([made.Path], Directory.GetFileSystemEntries(_house.Home.Backups));
        Assert.Equal((HistoryKind.Backup, "backed_up"), (Assert.Single(_house.Told).Kind, _house.Told[0].What));
    }

    [Fact]
    public async Task A_backup_is_an_archive_like_any_other()
    {
        var made = await _house.Backups.BackupNowAsync("asked", Token);

        await using var zipped = new GZipStream(File.OpenRead(made.Path), CompressionMode.Decompress);
        await using var tar = new TarReader(zipped);
        Assert.Equal("backup.json", (await tar.GetNextEntryAsync(cancellationToken: Token))!.Name);
        Assert.Equal("home/auto-manager/config/auto-config.yaml", (await tar.GetNextEntryAsync(cancellationToken: Token))!.Name);
    }

    [Fact]
    public async Task What_is_restored_into_an_empty_home_is_what_was_there()
    {
        var made = await _house.Backups.BackupNowAsync("asked", Token);

        var restored = await _other.Offline.Restore.RunAsync(made.Path, null, onlyLook: false, Token);

        Assert.Null(restored.Before);
        Assert.Equal(["tiny"], restored.ToFetch);
        Assert.Equal(["vllm 1.0"], restored.ToInstall);
        Assert.Equal("gateway:\n  port: 4400\n", _other.Read("auto-manager/config/auto-config.yaml"));
        Assert.Equal("id: [\n", _other.Read("providers.d/mine.yaml"));
        Assert.Equal(_house.Read("models/manifests/tiny.json"), _other.Read("models/manifests/tiny.json"));
        Assert.Equal(new Dictionary<string, Wish> { ["vllm"] = Wish.Stop }, await _other.WishesAsync());
        Assert.Equal(await _house.HistoryAsync(), await _other.HistoryAsync());
        Assert.Equal("1.9", new ReleaseStore(_other.Home).Words("koboldai").Pinned);
        Assert.Equal("1.0", new ReleaseStore(_other.Home).Words("vllm").Wished);
        Assert.Empty(Directory.GetFileSystemEntries(_other.Home.Backups));
    }

    [Fact]
    public async Task What_was_set_for_other_programs_can_be_undone_after_a_restore()
    {
        await _house.WriteAsync("connect/aider/connection.json", "{}");
        await _house.WriteAsync("connect/aider/before/.aider.conf.yml", "model: mine\n");
        var made = await _house.Backups.BackupNowAsync("asked", Token);

        await _other.Offline.Restore.RunAsync(made.Path, null, onlyLook: false, Token);

        Assert.Equal("{}", _other.Read("connect/aider/connection.json"));
        Assert.Equal("model: mine\n", _other.Read("connect/aider/before/.aider.conf.yml"));
    }

    [Fact]
    public async Task A_home_with_nothing_in_it_is_no_backup() =>
        Assert.Equal("not_found", (await Assert.ThrowsAsync<BackupException>(() => _other.Offline.Of(new()).BackupNowAsync("asked", Token))).Code);

    [Fact]
    public async Task A_version_that_an_update_chose_is_installed_again_and_goes_on_being_updated()
    {
        var store = new ReleaseStore(_house.Home);
        store.Remember("vllm", new() { Chosen = "99.0", Refused = ["98.0"] });
        store.Finish(new("vllm", "99.0+nvidia", "", Core.Manifests.Accelerator.Nvidia, Core.Manifests.InstallKind.Python, _house.Time.GetUtcNow(), 1, System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty, [], ""), store.Begin("vllm", "99.0+nvidia"));
        store.Switch("vllm", "99.0+nvidia");
        var made = await _house.Backups.BackupNowAsync("asked", Token);

        await _other.Offline.Restore.RunAsync(made.Path, null, onlyLook: false, Token);

        var words = new ReleaseStore(_other.Home).Words("vllm");
        Assert.Equal(("", "99.0", null), (words.Wished, words.Chosen, words.Pinned));
        Assert.Equal(["98.0"], words.Refused);
    }

    [Fact]
    public async Task What_was_there_before_a_restore_is_kept_and_comes_back()
    {
        var made = await _house.Backups.BackupNowAsync("asked", Token);
        await _other.FurnishAsync(port: "4500");
        await new WishTable(_other.Database).SetAsync("vllm", Wish.Start);
        await _other.WriteAsync("providers.d/theirs.yaml", "id: [\n");
        await _other.CloseAsync();

        var restored = await _other.Offline.Restore.RunAsync(made.Path, null, onlyLook: false, Token);

        Assert.Contains(new("auto-manager/config/auto-config.yaml", "replaced"), restored.Changes);
        Assert.Contains(new("providers.d/mine.yaml", "same"), restored.Changes);
        Assert.Equal("gateway:\n  port: 4400\n", _other.Read("auto-manager/config/auto-config.yaml"));
        Assert.Equal("id: [\n", _other.Read("providers.d/theirs.yaml"));
        Assert.Equal(Wish.Stop, (await _other.WishesAsync())["vllm"]);
        await _other.CloseAsync();

        await _other.Offline.Restore.RunAsync(restored.Before!, null, onlyLook: false, Token);

        Assert.Equal("gateway:\n  port: 4500\n", _other.Read("auto-manager/config/auto-config.yaml"));
        Assert.Equal(Wish.Start, (await _other.WishesAsync())["vllm"]);
    }

    [Fact]
    public async Task A_dry_run_says_what_would_change_and_changes_nothing()
    {
        var made = await _house.Backups.BackupNowAsync("asked", Token);

        var restored = await _other.Offline.Restore.RunAsync(made.Path, null, onlyLook: true, Token);

        Assert.All(restored.Changes, change => Assert.Equal("new", change.Change));
        Assert.Empty(Directory.GetFileSystemEntries(_other.Home.Root));
    }

    [Fact]
    public async Task A_backup_of_which_any_one_byte_is_another_is_refused_and_nothing_is_changed()
    {
        var made = await _house.Backups.BackupNowAsync("asked", Token);
        var bytes = await File.ReadAllBytesAsync(made.Path, Token);
        var tampered = Path.Combine(_scratch.Home.Root, "tampered");
        foreach (var at in Enumerable.Range(0, 64).Concat(Enumerable.Range(bytes.Length - 20, 20)).Concat(Enumerable.Range(1, 20).Select(part => bytes.Length * part / 21)))
        {
            bytes[at] ^= 1;
            await File.WriteAllBytesAsync(tampered, bytes, Token);
            bytes[at] ^= 1;

            await Assert.ThrowsAsync<BackupException>(() => _other.Offline.Restore.RunAsync(tampered, null, onlyLook: false, Token));
        }

        foreach (var other in new[] { bytes[..^1], [.. bytes, 0], [], "text"u8.ToArray() })
        {
            await File.WriteAllBytesAsync(tampered, other, Token);
            await Assert.ThrowsAsync<BackupException>(() => _other.Offline.Restore.RunAsync(tampered, null, onlyLook: false, Token));
        }

        Assert.Empty(Directory.EnumerateFiles(_other.Home.Root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_well_sealed_backup_that_reaches_out_of_the_home_is_refused()
    {
        foreach (var path in (string[])["../evil", "/etc/evil", "run/evil", "state/../../evil"])
            Assert.NotNull(new BackupManifest(1, "0", "h", default, "", [new(path, 0, new('a', 64))], [], []).Refusal());

        Assert.Null(new BackupManifest(1, "0", "h", default, "", [new("state/helix.db", 0, new('a', 64))], [], []).Refusal());
    }

    [Fact]
    public async Task A_restore_that_was_killed_is_brought_to_its_end_at_the_next_start()
    {
        var made = await _house.Backups.BackupNowAsync("asked", Token);
        var shelf = new BackupShelf(_other.Home.Backups);
        var scratch = shelf.BeginWork();
        var manifest = await BackupOpen.UnpackAsync(made.Path, null, new(scratch), made.Path, Token);
        var journal = new RestoreJournal(_other.Home);
        journal.Begin(new(Path.GetFileName(scratch), [.. manifest.Files.Select(file => file.Path)]));
        // the first was moved when it was killed
        Directory.CreateDirectory(Path.GetDirectoryName(_other.Home.Config)!);
        File.Move(new HelixHome(scratch).Config, _other.Home.Config);

        // one that is at work still is left to whoever does it
        using (QuietHome.TryHold(_other.Home)) new RestoreJournal(_other.Home).FinishWhileQuiet();
        Assert.True(journal.IsPending);
        new RestoreJournal(_other.Home).FinishWhileQuiet();

        Assert.Equal("gateway:\n  port: 4400\n", _other.Read("auto-manager/config/auto-config.yaml"));
        Assert.Equal(await _house.HistoryAsync(), await _other.HistoryAsync());
        Assert.Empty(Directory.GetFileSystemEntries(_other.Home.Backups));
        Assert.False(journal.Finish());
    }

    [Fact]
    public async Task One_that_could_not_be_restored_is_kept_as_bad_and_raises_an_alert()
    {
        await _house.WriteAsync("auto-manager/config/auto-config.yaml", "gateway: 7\n");

        await Assert.ThrowsAsync<BackupException>(() => _house.Backups.BackupNowAsync("daily", Token));

        Assert.Equal(["helix-20261129-080000.tar.gz.bad"], Directory.GetFileSystemEntries(_house.Home.Backups).Select(Path.GetFileName));
        Assert.Equal([HistoryKind.Backup, HistoryKind.Alert], _house.Told.Select(told => told.Kind));
    }

    [Fact]
    public async Task A_configuration_that_is_being_edited_is_backed_up_as_it_was_when_it_was_right()
    {
        await _house.WriteAsync("state/last-good-config.yaml", "gateway:\n  port: 4401\n");
        await _house.WriteAsync("auto-manager/config/auto-config.yaml", "gateway: 7\n");

        var made = await _house.Backups.BackupNowAsync("daily", Token);
        await _other.Offline.Restore.RunAsync(made.Path, null, onlyLook: false, Token);

        Assert.Equal("gateway:\n  port: 4401\n", _other.Read("auto-manager/config/auto-config.yaml"));
    }
}
