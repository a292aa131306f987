using Helix.Core.Access;
using Helix.Core.History;
using Helix.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Helix.Tests.Storage;

public sealed class DatabaseTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("helix-db-");

    private string Path => System.IO.Path.Combine(_folder.FullName, "state", "helix.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task What_was_kept_is_there_the_next_time()
    {
        var key = new KeyRecord("laptop", KeyHash.Of("hx_x"), "hx_x", KeyScopes.Admin, DateTimeOffset.UnixEpoch, null, IsPrivate: true, ComparesMeaning: true);
        await using (var database = Open())
        {
            Assert.True(Value(await new KeyTable(database).AddAsync(key)));
            Assert.False(Value(await new KeyTable(database).AddAsync(key with { Hash = KeyHash.Of("hx_y") })));
            new KeyTable(database).NoteUse("laptop", DateTimeOffset.UnixEpoch.AddDays(1));
            Assert.True(Value(await new WishTable(database).SetAsync("vllm", Wish.Start)));
            Assert.True(Value(await new WishTable(database).SetAsync("vllm", Wish.Stop)));
        }

        await using var again = Open();
        Assert.Null(again.Notice);
        Assert.Equal([key with { LastUsed = DateTimeOffset.UnixEpoch.AddDays(1) }], Value(await new KeyTable(again).AllAsync()));
        Assert.Equal(new Dictionary<string, Wish> { ["vllm"] = Wish.Stop }, Value(await new WishTable(again).AllAsync()));
        Assert.True(Value(await new KeyTable(again).RemoveAsync("laptop")));
        Assert.False(Value(await new KeyTable(again).RemoveAsync("laptop")));
    }

    [Fact]
    public async Task History_keeps_the_newest_rows_only()
    {
        await using var database = Open();
        var history = new HistoryTable(database);
        await database.AskAsync(connection => connection.Run($"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {HistoryTable.Kept}) INSERT INTO events (at, kind, severity, what, words) SELECT i, 'State', 0, 'ready', i FROM n"));
        for (var n = 0; n < 100; n++) history.Append(Event(n, "vllm"));

        Assert.Equal(HistoryTable.Kept, Value(await database.AskAsync(connection => connection.Read("SELECT count(*) FROM events", row => row.GetInt32(0))[0])));
        Assert.Equal("99", Value(await history.ReadAsync(new(Most: 1)))[0].Words);
    }

    [Fact]
    public async Task History_is_asked_by_provider_kind_severity_and_time()
    {
        await using var database = Open();
        var history = new HistoryTable(database);
        for (var n = 0; n < 4; n++) history.Append(Event(n, n % 2 == 0 ? "vllm" : "jan"));
        history.Append(Event(9, "vllm") with { Kind = HistoryKind.Alert, Severity = Severity.Critical, Data = "{}" });

        Assert.Equal(["0", "2", "9"], await Words(new("vllm")));
        Assert.Equal(["9"], await Words(new(Kind: HistoryKind.Alert)));
        Assert.Equal(["9"], await Words(new(Least: Severity.Error)));
        Assert.Equal(["3", "9"], await Words(new(Since: DateTimeOffset.UnixEpoch.AddSeconds(3))));
        Assert.Equal(["3", "9"], await Words(new(Most: 2)));

        async Task<IEnumerable<string>> Words(HistoryFilter filter) => Value(await history.ReadAsync(filter)).Select(each => each.Words);
    }

    [Fact]
    public async Task What_an_earlier_helix_wrote_of_its_instances_is_history_still()
    {
        await using (var database = Open())
        {
            await database.AskAsync(connection => connection.Run("""
                DROP TABLE events; DROP TABLE uptime; DROP TABLE tuned; DROP TABLE trials; DROP TABLE demand; DROP TABLE usage; DROP TABLE usage_by_node; DROP TABLE spending; DROP TABLE sessions; DROP TABLE alerts; DROP TABLE alert_messages; DROP TABLE alert_book; ALTER TABLE keys DROP COLUMN private; ALTER TABLE keys DROP COLUMN semantic; PRAGMA user_version = 2;
                CREATE TABLE history (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, instance TEXT NOT NULL, "from" TEXT NOT NULL, "to" TEXT NOT NULL, reason TEXT NOT NULL) STRICT;
                INSERT INTO history (at, instance, "from", "to", reason) VALUES (1000, 'vllm-m', 'Starting', 'Ready', 'answers');
                """));
        }

        await using var again = Open();

        Assert.Equal([new HistoryEvent(DateTimeOffset.UnixEpoch.AddSeconds(1), HistoryKind.State, Severity.Info, "vllm", "vllm-m", "ready", "answers") { Id = 1 }], Value(await new HistoryTable(again).ReadAsync(new())));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public async Task A_damaged_file_is_set_aside_and_a_new_one_begun(int damageFrom)
    {
        await using (var database = Open()) await new WishTable(database).SetAsync("vllm", Wish.Stop);
        var bytes = await File.ReadAllBytesAsync(Path);
        new Random(7).NextBytes(bytes.AsSpan(damageFrom));
        await File.WriteAllBytesAsync(Path, bytes);

        await using var again = Open();

        var aside = Assert.Single(Directory.GetFiles(_folder.FullName, "*damaged*", SearchOption.AllDirectories), file => !file.EndsWith("-wal", StringComparison.Ordinal) && !file.EndsWith("-shm", StringComparison.Ordinal));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(aside));
        Assert.Contains(aside, again.Notice, StringComparison.Ordinal);
        Assert.Empty(Value(await new WishTable(again).AllAsync()));
        Assert.True(Value(await new WishTable(again).SetAsync("vllm", Wish.Stop)));
    }

    [Fact]
    public async Task Damage_that_shows_later_is_mended_in_flight()
    {
        await using var database = Open();

        var answer = await database.AskAsync(connection => database.Notice is null ? throw new SqliteException("database disk image is malformed", 11) : 1);

        Assert.Equal(1, Value(answer));
        Assert.NotNull(database.Notice);
    }

    [Fact]
    public async Task A_full_disk_is_an_answer_and_not_the_end()
    {
        await using var database = Open();
        await database.AskAsync(connection => connection.Run("PRAGMA max_page_count = 14"));

        var history = new HistoryTable(database);
        for (var n = 0; n < 100; n++) history.Append(Event(n, "i") with { Words = new string('x', 4000) });
        var refused = Assert.IsType<Stored<bool>.Failed>(await new KeyTable(database).AddAsync(new(new string('k', 9000), default, "", KeyScopes.Infer, default, null)));

        Assert.Equal("no_space", refused.Code);
        Assert.Empty(Value(await new WishTable(database).AllAsync()));
        Assert.Null(database.Notice);
    }

    [Fact]
    public async Task Where_nothing_can_be_kept_helix_says_so_and_lives()
    {
        File.WriteAllText(System.IO.Path.Combine(_folder.FullName, "state"), "a file where the folder should be");

        await using var database = Open();

        Assert.Contains("nothing is kept", database.Notice, StringComparison.Ordinal);
        Assert.True(Value(await new WishTable(database).SetAsync("vllm", Wish.Stop)));
    }

    [Fact]
    public async Task A_file_of_a_newer_helix_is_left_alone()
    {
        await using (var database = Open()) await database.AskAsync(connection => connection.Run("PRAGMA user_version = 99"));

        await using var again = Open();

        Assert.Contains("newer helix", again.Notice, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.FullName, "*damaged*", SearchOption.AllDirectories));
    }

    private static HistoryEvent Event(int second, string provider) =>
        new(DateTimeOffset.UnixEpoch.AddSeconds(second), HistoryKind.State, Severity.Info, provider, null, "ready", second.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private Database Open() => new(Path, TimeProvider.System, NullLogger<Database>.Instance);

    private static T Value<T>(Stored<T> stored) => Assert.IsType<Stored<T>.Ok>(stored).Value;
}
