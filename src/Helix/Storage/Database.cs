using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Helix.Storage;

/// <summary>The daemon's SQLite database. One loop on a pool thread owns the only connection; all else posts work to it.</summary>
internal sealed partial class Database : IAsyncDisposable
{
    private readonly Channel<Action> _work = Channel.CreateUnbounded<Action>(new() { SingleReader = true });
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger<Database> _logger;
    private readonly Task _loop;
    private SqliteConnection _connection;

    /// <summary>Opens the database, creating or mending it where needed. Never throws for what is on the disk: <see cref="Notice"/> tells.</summary>
    public Database(string path, TimeProvider time, ILogger<Database> logger)
    {
        _path = path;
        _time = time;
        _logger = logger;
        _connection = Open();
        _loop = Task.Run(RunAsync);
    }

    /// <summary>A sentence the user should see: a damaged file was set aside, or nothing can be kept. Null while all is well.</summary>
    public string? Notice { get; private set; }

    /// <summary>False where the file cannot be opened, and all is forgotten with this process.</summary>
    public bool IsKept { get; private set; } = true;

    /// <summary>Runs work on the connection and tells how it went. Work may run a second time if the file turns out to be damaged.</summary>
    public Task<Stored<T>> AskAsync<T>(Func<SqliteConnection, T> work)
    {
        var answer = new TaskCompletionSource<Stored<T>>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_work.Writer.TryWrite(() => answer.SetResult(Perform(work))))
            answer.SetResult(new Stored<T>.Failed("storage", "the database is closed", "Start helix again."));
        return answer.Task;
    }

    /// <summary>Runs work whose result nobody waits for; a failure is logged.</summary>
    public void Post(Action<SqliteConnection> work) => _work.Writer.TryWrite(() =>
    {
        if (Perform(connection => { work(connection); return true; }) is Stored<bool>.Failed failed) LogLost(failed.Reason, failed.Remedy);
    });

    /// <summary>Finishes the work already posted, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _work.Writer.TryComplete();
        await _loop;
    }

    private async Task RunAsync()
    {
        await foreach (var work in _work.Reader.ReadAllAsync()) work();
        await _connection.DisposeAsync();
    }

    private Stored<T> Perform<T>(Func<SqliteConnection, T> work)
    {
        try
        {
            return Attempt(work);
        }
        catch (SqliteException damage) when (DatabaseFile.IsDamage(damage))
        {
            return Mended(work, damage);
        }
        catch (Exception error)
        {
            return Failure<T>(error);
        }
    }

    private Stored<T> Mended<T>(Func<SqliteConnection, T> work, SqliteException damage)
    {
        try
        {
            _connection.Dispose();
            SetAside(damage);
            _connection = Open();
            return Attempt(work);
        }
        catch (Exception error)
        {
            return Failure<T>(error);
        }
    }

    private Stored<T>.Ok Attempt<T>(Func<SqliteConnection, T> work)
    {
        using var transaction = _connection.BeginTransaction(deferred: true);
        var value = work(_connection);
        transaction.Commit();
        return new(value);
    }

    private Stored<T>.Failed Failure<T>(Exception error) => error is SqliteException { SqliteErrorCode: DatabaseFile.Full }
        ? new("no_space", $"the disk with {_path} is full", "Free some space and try again.")
        : new("storage", $"the database {_path} refused: {error.Message}", "Look at the daemon's log, then try again.");

    private SqliteConnection Open()
    {
        try
        {
            return DatabaseFile.Open(_path);
        }
        catch (SqliteException damage) when (DatabaseFile.IsDamage(damage))
        {
            return OpenNew(damage);
        }
        catch (Exception error) when (error is SqliteException or IOException or UnauthorizedAccessException)
        {
            return Unkept(error);
        }
    }

    private SqliteConnection OpenNew(SqliteException damage)
    {
        try
        {
            SetAside(damage);
            return DatabaseFile.Open(_path);
        }
        catch (Exception error) when (error is SqliteException or IOException or UnauthorizedAccessException)
        {
            return Unkept(error);
        }
    }

    private void SetAside(SqliteException damage)
    {
        var aside = DatabaseFile.SetAside(_path, _time.GetUtcNow());
        Notice = $"The database was damaged ({damage.Message}). It was kept as {aside} and a new one begun: keys and remembered starts and stops have to be set again.";
        LogNotice(Notice);
    }

    private SqliteConnection Unkept(Exception error)
    {
        Notice = $"The database {_path} cannot be opened ({error.Message}). Keys are unknown and nothing is kept until that is mended and helix started again.";
        IsKept = false;
        LogNotice(Notice);
        return DatabaseFile.Open(":memory:");
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Notice}")]
    private partial void LogNotice(string notice);

    [LoggerMessage(Level = LogLevel.Error, Message = "Not kept: {Reason}. {Remedy}")]
    private partial void LogLost(string reason, string remedy);
}
