using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Helix.Storage;

/// <summary>The database as a file: opened, checked, brought to the newest layout, set aside when damaged.</summary>
internal static class DatabaseFile
{
    public const int Full = 13;
    private const int Corrupt = 11;
    private const int NotADatabase = 26;

    /// <summary>Layout changes, oldest first; <c>user_version</c> counts how many a file has seen. Only ever append.</summary>
    private static readonly string[] s_migrations =
    [
        """
        CREATE TABLE keys (
            name TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, prefix TEXT NOT NULL, scopes INTEGER NOT NULL,
            created INTEGER NOT NULL, last_used INTEGER) STRICT;
        CREATE TABLE wishes (provider TEXT PRIMARY KEY, wish TEXT NOT NULL) STRICT;
        CREATE TABLE history (
            id INTEGER PRIMARY KEY, at INTEGER NOT NULL, instance TEXT NOT NULL,
            "from" TEXT NOT NULL, "to" TEXT NOT NULL, reason TEXT NOT NULL) STRICT;
        """,
        """
        CREATE TABLE memory (
            provider TEXT NOT NULL, release TEXT NOT NULL, model TEXT NOT NULL, model_bytes INTEGER NOT NULL, context INTEGER NOT NULL, slots INTEGER NOT NULL,
            peak INTEGER NOT NULL, PRIMARY KEY (provider, release, model, model_bytes, context, slots)) STRICT;
        """,
        """
        CREATE TABLE events (
            id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, kind TEXT NOT NULL, severity INTEGER NOT NULL, provider TEXT, subject TEXT,
            what TEXT NOT NULL, words TEXT NOT NULL, data TEXT) STRICT;
        CREATE INDEX events_of_provider ON events (provider, id);
        INSERT INTO events (at, kind, severity, provider, subject, what, words)
            SELECT at, 'State', 0, substr(instance, 1, instr(instance, '-') - 1), instance, lower("to"), reason FROM history ORDER BY id;
        DROP TABLE history;
        CREATE TABLE uptime (day INTEGER NOT NULL, who TEXT NOT NULL, up INTEGER NOT NULL, down INTEGER NOT NULL, PRIMARY KEY (day, who)) STRICT;
        """,
        """
        CREATE TABLE tuned (provider TEXT NOT NULL, model TEXT NOT NULL, knob TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (provider, model, knob)) STRICT;
        CREATE TABLE trials (
            id INTEGER PRIMARY KEY, at INTEGER NOT NULL, provider TEXT NOT NULL, release TEXT NOT NULL, model TEXT NOT NULL, model_bytes INTEGER NOT NULL,
            knob TEXT NOT NULL, "from" TEXT NOT NULL, "to" TEXT NOT NULL, why TEXT NOT NULL, kept INTEGER NOT NULL, words TEXT NOT NULL) STRICT;
        CREATE TABLE demand (model TEXT NOT NULL, hour INTEGER NOT NULL, requests INTEGER NOT NULL, PRIMARY KEY (model, hour)) STRICT;
        """,
        """
        CREATE TABLE usage (
            span INTEGER NOT NULL, minute INTEGER NOT NULL, key TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, outcome INTEGER NOT NULL,
            requests INTEGER NOT NULL, prompt INTEGER NOT NULL, answer INTEGER NOT NULL, cached INTEGER NOT NULL, estimated INTEGER NOT NULL,
            first_tokens INTEGER NOT NULL, first_token_ms REAL NOT NULL, ms REAL NOT NULL, tries INTEGER NOT NULL,
            PRIMARY KEY (span, minute, key, provider, model, outcome)) STRICT, WITHOUT ROWID;
        """,
        """
        ALTER TABLE usage ADD COLUMN nanos INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE spending (day INTEGER NOT NULL, key TEXT NOT NULL, nanos INTEGER NOT NULL, PRIMARY KEY (day, key)) STRICT, WITHOUT ROWID;
        """,
        "ALTER TABLE keys ADD COLUMN private INTEGER NOT NULL DEFAULT 0;",
        "ALTER TABLE keys ADD COLUMN semantic INTEGER NOT NULL DEFAULT 0;",
        "CREATE TABLE sessions (id TEXT PRIMARY KEY, cookie BLOB NOT NULL UNIQUE, token BLOB NOT NULL, created INTEGER NOT NULL, seen INTEGER NOT NULL, agent TEXT) STRICT;",
        """
        CREATE TABLE alerts (
            id INTEGER PRIMARY KEY, state INTEGER NOT NULL, type INTEGER NOT NULL, severity INTEGER NOT NULL, last_seen INTEGER NOT NULL, kept INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
        CREATE INDEX alerts_kept ON alerts (id) WHERE kept = 1;
        CREATE TABLE alert_messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, channel TEXT NOT NULL, at INTEGER NOT NULL, state INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0,
            claimed INTEGER, done INTEGER, trouble TEXT, body TEXT NOT NULL) STRICT;
        CREATE INDEX alert_messages_of_channel ON alert_messages (channel, state, id);
        CREATE TABLE alert_book (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, cursor INTEGER NOT NULL, body TEXT) STRICT;
        INSERT INTO alert_book (id, version, cursor) SELECT 1, 0, coalesce(max(id), 0) FROM events;
        """,
        // a key of more parts needs a table of its own; the one before stays as it is: to copy it takes long where there is much, and as much room again,
        // and the daemon that is replaced adds to it until it has finished its answers
        """
        CREATE TABLE usage_by_node (
            span INTEGER NOT NULL, minute INTEGER NOT NULL, key TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, outcome INTEGER NOT NULL, node TEXT NOT NULL,
            requests INTEGER NOT NULL, prompt INTEGER NOT NULL, answer INTEGER NOT NULL, cached INTEGER NOT NULL, estimated INTEGER NOT NULL,
            first_tokens INTEGER NOT NULL, first_token_ms REAL NOT NULL, ms REAL NOT NULL, tries INTEGER NOT NULL, nanos INTEGER NOT NULL,
            PRIMARY KEY (span, minute, key, provider, model, outcome, node)) STRICT, WITHOUT ROWID;
        """,
    ];

    public static bool IsDamage(SqliteException error) => error.SqliteErrorCode is Corrupt or NotADatabase;

    /// <summary>Opens or creates the file.</summary>
    /// <exception cref="SqliteException">Damaged (<see cref="IsDamage"/>), full, or written by a newer helix.</exception>
    public static SqliteConnection Open(string path)
    {
        if (path != ":memory:") CreateFolder(path);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            Prepare(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Writes all that a database holds at this moment into one new file, without a journal beside it.</summary>
    /// <exception cref="SqliteException">It cannot be read, or the file cannot be written.</exception>
    public static void Copy(SqliteConnection from, string path)
    {
        using var to = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        to.Open();
        from.BackupDatabase(to);
        to.Run("PRAGMA journal_mode = DELETE");
    }

    /// <summary>Why a file that nobody uses is no whole database of helix; null where it is one. It is not changed.</summary>
    public static string? Refusal(string path)
    {
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
            connection.Open();
            if (connection.Read("PRAGMA quick_check(1)", row => row.GetString(0)) is [var verdict, ..] && verdict != "ok") return verdict;
            return connection.Read("PRAGMA user_version", row => row.GetInt32(0))[0] is var layout && layout > s_migrations.Length ? $"a newer helix wrote it (layout {layout}, this one knows {s_migrations.Length})" : null;
        }
        catch (SqliteException broken)
        {
            return broken.Message;
        }
    }

    /// <summary>Moves the file and its journal to a new name beside it; nothing is deleted.</summary>
    /// <returns>The new path.</returns>
    public static string SetAside(string path, DateTimeOffset now)
    {
        var stamp = now.UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        var aside = $"{path}.damaged-{stamp}";
        for (var n = 2; File.Exists(aside); n++) aside = $"{path}.damaged-{stamp}-{n}";
        File.Move(path, aside);
        foreach (var journal in (string[])["-wal", "-shm"])
            if (File.Exists(path + journal)) File.Move(path + journal, aside + journal);
        return aside;
    }

    private static void CreateFolder(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static void Prepare(SqliteConnection connection)
    {
        connection.Run("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON");
        if (connection.Read("PRAGMA quick_check(1)", row => row.GetString(0)) is [var verdict, ..] && verdict != "ok")
            throw new SqliteException(verdict, Corrupt);
        Migrate(connection);
    }

    private static void Migrate(SqliteConnection connection)
    {
        var version = connection.Read("PRAGMA user_version", row => row.GetInt32(0))[0];
        if (version > s_migrations.Length)
            throw new SqliteException($"a newer helix wrote it (layout {version}, this one knows {s_migrations.Length})", 1);
        for (; version < s_migrations.Length; version++)
        {
            using var transaction = connection.BeginTransaction();
            connection.Run($"{s_migrations[version]} PRAGMA user_version = {version + 1}");
            transaction.Commit();
        }
    }
}
