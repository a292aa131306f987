using Helix.Core.Configuration;
using StackExchange.Redis;

namespace Helix.Gateway;

/// <summary>Answers that other nodes find too, at a Redis server of the user's. Where that does not answer at once, it is as if it had none.</summary>
internal sealed partial class SharedAnswers(Func<HelixConfig> config, TimeProvider time, ILogger<SharedAnswers> log) : IAsyncDisposable
{
    /// <summary>An engine may answer before this is over, and is not to be waited with.</summary>
    private const int PatienceMilliseconds = 200;

    private const string Prefix = "helix:answer:";

    private readonly Lock _gate = new();
    private (string Address, Task<ConnectionMultiplexer> Connection)? _server;

    /// <returns>Null where there is none, or nobody says.</returns>
    public async ValueTask<AnswerRecord?> FindAsync(string key)
    {
        if (Server() is not { } server) return null;
        try
        {
            var stored = await server.GetDatabase().StringGetAsync(Prefix + key);
            return stored.IsNull ? null : StoredAnswer.Read((byte[])stored!, time);
        }
        catch (Exception silent) when (silent is RedisException or TimeoutException)
        {
            return null;
        }
    }

    /// <summary>Returns at once; whether it arrives is nobody's business.</summary>
    public void Keep(string key, AnswerRecord answer, TimeSpan span)
    {
        if (Server() is { } server) _ = server.GetDatabase().StringSet(Prefix + key, StoredAnswer.Write(answer), span, flags: CommandFlags.FireAndForget);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { Connection: { IsCompletedSuccessfully: true } connection }) await (await connection).DisposeAsync();
    }

    /// <summary>Null while there is no connection. One that broke comes back by itself.</summary>
    private ConnectionMultiplexer? Server()
    {
        var performance = config().Performance;
        if (performance.CacheRedis is not { } address) return null;
        Task<ConnectionMultiplexer> connection;
        lock (_gate)
        {
            if (_server is { } known && known.Address == address) connection = known.Connection;
            else
            {
                if (_server is { Connection: { IsCompletedSuccessfully: true } before }) before.Result.Dispose();
                connection = ConnectAsync(address, performance.CacheRedisPassword);
                _server = (address, connection);
            }
        }

        return connection is { IsCompletedSuccessfully: true, Result: { IsConnected: true } server } ? server : null;
    }

    private async Task<ConnectionMultiplexer> ConnectAsync(string address, string? passwordFile)
    {
        await Task.Yield();
        var options = new ConfigurationOptions
        {
            AbortOnConnectFail = false,
            AsyncTimeout = PatienceMilliseconds,
            SyncTimeout = PatienceMilliseconds,
            ConnectTimeout = 5000,
            ClientName = "helix",
        };
        options.EndPoints.Add(address);
        try
        {
            if (passwordFile is not null) options.Password = (await File.ReadAllTextAsync(passwordFile)).Trim();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            LogNoPassword(passwordFile!, unreadable.Message);
        }

        var server = await ConnectionMultiplexer.ConnectAsync(options);
        if (server.IsConnected) LogConnected(address);
        else LogUnreachable(address);
        server.ConnectionFailed += (_, failed) => LogLost(address, failed.FailureType.ToString());
        server.ConnectionRestored += (_, _) => LogConnected(address);
        return server;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Answers are shared with other nodes at Redis {Address}")]
    private partial void LogConnected(string address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis {Address} cannot be reached: answers are kept in this daemon's memory alone until it can")]
    private partial void LogUnreachable(string address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection to Redis {Address} is lost ({Why}): answers are kept in this daemon's memory alone until it is back")]
    private partial void LogLost(string address, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The password of Redis cannot be read from {File}: {Reason}")]
    private partial void LogNoPassword(string file, string reason);
}
