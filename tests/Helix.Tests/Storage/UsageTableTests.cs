using Helix.Core.Gateway;
using Helix.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Helix.Tests.Storage;

public sealed class UsageTableTests : IDisposable
{
    /// <summary>The layout in which nodes were not noted yet, as its migrations made it, with the same requests in each span.</summary>
    private const string Before = """
        DROP TABLE usage; DROP TABLE usage_by_node; PRAGMA user_version = 10;
        CREATE TABLE usage (
            span INTEGER NOT NULL, minute INTEGER NOT NULL, key TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, outcome INTEGER NOT NULL,
            requests INTEGER NOT NULL, prompt INTEGER NOT NULL, answer INTEGER NOT NULL, cached INTEGER NOT NULL, estimated INTEGER NOT NULL,
            first_tokens INTEGER NOT NULL, first_token_ms REAL NOT NULL, ms REAL NOT NULL, tries INTEGER NOT NULL,
            PRIMARY KEY (span, minute, key, provider, model, outcome)) STRICT, WITHOUT ROWID;
        ALTER TABLE usage ADD COLUMN nanos INTEGER NOT NULL DEFAULT 0;
        INSERT INTO usage VALUES
            (1, 100, 'k', 'vllm', 'm', 0, 2, 20, 8, 5, 1, 1, 30.0, 1000.0, 3, 7),
            (60, 60, 'k', 'vllm', 'm', 0, 2, 20, 8, 5, 1, 1, 30.0, 1000.0, 3, 7),
            (1440, 0, 'k', 'vllm', 'm', 0, 2, 20, 8, 5, 1, 1, 30.0, 1000.0, 3, 7);
        """;

    /// <summary>The same requests once more, as the helix before added them to a minute.</summary>
    private const string AddedBefore = """
        INSERT INTO usage (span, minute, key, provider, model, outcome, requests, prompt, answer, cached, estimated, first_tokens, first_token_ms, ms, tries, nanos)
        VALUES (1, 100, 'k', 'vllm', 'm', 0, 2, 20, 8, 5, 1, 1, 30.0, 1000.0, 3, 7)
        ON CONFLICT (span, minute, key, provider, model, outcome) DO UPDATE SET
            requests = requests + 2, prompt = prompt + 20, answer = answer + 8, cached = cached + 5, estimated = estimated + 1,
            first_tokens = first_tokens + 1, first_token_ms = first_token_ms + 30.0, ms = ms + 1000.0, tries = tries + 3, nanos = nanos + 7
        """;

    private static readonly UsageKey s_key = new(100, "k", "vllm", "m", RequestOutcome.Answered, null);
    private static readonly UsageSum s_sum = new(2, new(20, 8, 5), 1, 1, TimeSpan.FromMilliseconds(30), TimeSpan.FromSeconds(1), 3, new(7));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("helix-db-");

    private string Path => System.IO.Path.Combine(_folder.FullName, "state", "helix.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task What_was_added_up_before_nodes_were_noted_is_kept_in_every_span()
    {
        await FallBackAsync();

        await using var database = Open();

        Assert.Null(database.Notice);
        foreach (var span in UsageSpan.All) Assert.Equal(new Dictionary<UsageKey, UsageSum> { [s_key with { Minute = span.BeginOf(100) }] = s_sum }, await ReadAsync(database, span));
    }

    [Fact]
    public async Task It_stays_where_it_lies_so_that_no_table_is_too_large_to_be_brought_to_the_new_layout()
    {
        var before = await FallBackAsync();

        await using var database = Open();

        Assert.Equal(before, Value(await database.AskAsync(connection => RootOf(connection, "usage"))));
    }

    [Fact]
    public async Task What_the_helix_before_still_answers_after_an_update_is_added_to_the_old_ones()
    {
        await FallBackAsync();
        await using var before = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Pooling = false }.ToString());
        await before.OpenAsync();
        Assert.Equal(1, before.Run(AddedBefore));
        await using var database = Open();

        Assert.Equal(1, before.Run(AddedBefore));

        Assert.Equal(new Dictionary<UsageKey, UsageSum> { [s_key] = s_sum + s_sum + s_sum }, await ReadAsync(database, UsageSpan.Minute));
    }

    [Fact]
    public async Task New_requests_are_added_up_by_node_beside_the_old_ones_and_nothing_is_counted_twice()
    {
        await FallBackAsync();
        var now = DateTimeOffset.UnixEpoch.AddMinutes(101);
        var (here, there) = (s_key with { Node = "here" }, s_key with { Node = "api.example.com" });
        await using (var database = Open())
        {
            var table = new UsageTable(database);
            for (var turn = 0; turn < 2; turn++) table.Add(new Dictionary<UsageKey, UsageSum> { [here] = s_sum, [there] = s_sum }, now);
        }

        await using var again = Open();

        foreach (var span in UsageSpan.All)
        {
            var minute = span.BeginOf(100);
            var rows = await ReadAsync(again, span);
            var expected = new Dictionary<UsageKey, UsageSum> { [s_key with { Minute = minute }] = s_sum, [here with { Minute = minute }] = s_sum + s_sum, [there with { Minute = minute }] = s_sum + s_sum };
            Assert.Equal(expected, rows);
            Assert.Equal(s_sum + s_sum + s_sum + s_sum + s_sum, rows.Values.Aggregate((a, b) => a + b));
        }
    }

    [Fact]
    public async Task The_old_ones_go_when_they_are_too_old_and_until_then_are_the_first_on_record()
    {
        await FallBackAsync();
        await using var database = Open();
        var table = new UsageTable(database);
        var later = s_key with { Minute = 100 + 24 * 60, Node = "here" };

        table.Add(new Dictionary<UsageKey, UsageSum> { [later] = s_sum }, DateTimeOffset.UnixEpoch.AddMinutes(later.Minute));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddMinutes(100), Value(await table.FirstAsync(UsageSpan.Minute)));
        // minutes are kept for two days, hours and days for longer
        table.Add(new Dictionary<UsageKey, UsageSum>(), DateTimeOffset.UnixEpoch.AddMinutes(101) + UsageSpan.Minute.Kept);

        Assert.Equal(DateTimeOffset.UnixEpoch.AddMinutes(later.Minute), Value(await table.FirstAsync(UsageSpan.Minute)));
        Assert.Equal(later, Assert.Single(await ReadAsync(database, UsageSpan.Minute)).Key);
        Assert.Equal(2, (await ReadAsync(database, UsageSpan.Hour)).Count);
        Assert.Equal(DateTimeOffset.UnixEpoch, Value(await table.FirstAsync(UsageSpan.Day)));
    }

    [Fact]
    public async Task Of_nothing_there_is_no_first()
    {
        await using var database = Open();

        Assert.Null(Value(await new UsageTable(database).FirstAsync(UsageSpan.Hour)));
    }

    /// <summary>Leaves a file as the helix before wrote it.</summary>
    /// <returns>The page at which its sums begin.</returns>
    private async Task<long> FallBackAsync()
    {
        await using var database = Open();
        return Value(await database.AskAsync(connection =>
        {
            connection.Run(Before);
            return RootOf(connection, "usage");
        }));
    }

    private static long RootOf(SqliteConnection connection, string table) =>
        connection.Read("SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = $name", row => row.GetInt64(0), ("$name", table)).Single();

    /// <summary>All that is kept; a key that comes twice fails.</summary>
    private static async Task<Dictionary<UsageKey, UsageSum>> ReadAsync(Database database, UsageSpan span) => new(Value(await new UsageTable(database).ReadAsync(span, DateTimeOffset.UnixEpoch)));

    private Database Open() => new(Path, TimeProvider.System, NullLogger<Database>.Instance);

    private static T Value<T>(Stored<T> stored) => Assert.IsType<Stored<T>.Ok>(stored).Value;
}
