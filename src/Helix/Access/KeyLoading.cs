namespace Helix.Access;

/// <summary>Reads the keys and the dashboard's sessions before the first request: a daemon that came back must know them, or every client would be turned away.</summary>
internal sealed partial class KeyLoading(KeyRing keys, SessionRing sessions, ILogger<KeyLoading> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (await keys.LoadAsync() is { } failed) LogFailed(failed.Reason, failed.Remedy);
        if (await sessions.LoadAsync() is { } lost) LogSignedOut(lost.Reason, lost.Remedy);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Error, Message = "the keys could not be read, so every key is refused: {Reason} {Remedy}")]
    private partial void LogFailed(string reason, string remedy);

    [LoggerMessage(Level = LogLevel.Error, Message = "the dashboard's sessions could not be read, so every browser is signed out: {Reason} {Remedy}")]
    private partial void LogSignedOut(string reason, string remedy);
}
