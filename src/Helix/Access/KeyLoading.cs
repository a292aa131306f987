namespace Helix.Access;

/// <summary>Reads the keys before the first request: a daemon that came back must know them, or every client would be turned away.</summary>
internal sealed partial class KeyLoading(KeyRing keys, ILogger<KeyLoading> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (await keys.LoadAsync() is { } failed) LogFailed(failed.Reason, failed.Remedy);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Error, Message = "the keys could not be read, so every key is refused: {Reason} {Remedy}")]
    private partial void LogFailed(string reason, string remedy);
}
