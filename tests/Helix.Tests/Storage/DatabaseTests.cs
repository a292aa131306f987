using Helix.Core.Access;
using Helix.Core.Fleet;
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
        var key = new KeyRecord("laptop", KeyHash.Of("hx_x"), "hx_x", KeyScopes.Admin, DateTimeOffset.UnixEpoch, null);
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
        for (var n = 0; n < HistoryTable.Kept + 5; n++)
            history.Append(new(DateTimeOffset.UnixEpoch.AddSeconds(n), $"i{n % 2}", ProviderState.Starting, ProviderState.Ready, $"{n}"));

        var all = Value(await history.RecentAsync(20_000));

        Assert.Equal(HistoryTable.Kept, all.Count);
        Assert.Equal(new(DateTimeOffset.UnixEpoch.AddSeconds(10_004), "i0", ProviderState.Starting, ProviderState.Ready, "10004"), all[0]);
        Assert.Equal(["10003", "10001"], Value(await history.RecentAsync(2, "i1")).Select(row => row.Reason));
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
        await database.AskAsync(connection => connection.Run("PRAGMA max_page_count = 12"));

        var history = new HistoryTable(database);
        for (var n = 0; n < 100; n++) history.Append(new(DateTimeOffset.UnixEpoch, "i", ProviderState.Ready, ProviderState.Ready, new string('x', 4000)));
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

    private Database Open() => new(Path, TimeProvider.System, NullLogger<Database>.Instance);

    private static T Value<T>(Stored<T> stored) => Assert.IsType<Stored<T>.Ok>(stored).Value;
}
