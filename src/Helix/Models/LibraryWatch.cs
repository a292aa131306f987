using Helix.Processes;

namespace Helix.Models;

/// <summary>Keeps the library's snapshot true to its folder: looks when the system reports a change, and slowly all the time.</summary>
internal sealed partial class LibraryWatch(ModelLibrary library, TimeProvider time, ILogger<LibraryWatch> log) : BackgroundLoop
{
    private static readonly TimeSpan s_slow = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(1);

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        using var changed = new SemaphoreSlim(0);
        var watcher = default(FileSystemWatcher);
        var opened = false;
        try
        {
            while (true)
            {
                var pending = false;
                try
                {
                    pending = opened ? await library.LookAsync(stoppingToken) : await library.OpenAsync(stoppingToken);
                    opened = true;
                    watcher ??= Watch(library.Folder.Root, changed);
                }
                catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
                {
                    LogUnreadable(library.Folder.Root, unreadable.Message);
                }

                await WaitAsync(changed, pending ? s_soon : s_slow, stoppingToken);
            }
        }
        finally
        {
            watcher?.Dispose();
        }
    }

    private async Task WaitAsync(SemaphoreSlim changed, TimeSpan most, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(most, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            await changed.WaitAsync(either.Token);
            while (changed.CurrentCount > 0) await changed.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // the time for a slow look
        }
    }

    /// <summary>Null where the system has no watchers left; the slow looks find everything too.</summary>
    private FileSystemWatcher? Watch(string folder, SemaphoreSlim changed)
    {
        try
        {
            var watcher = new FileSystemWatcher(folder, LibraryFolder.Pattern) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.Size | NotifyFilters.LastWrite };
            watcher.Created += (_, _) => Signal(changed);
            watcher.Changed += (_, _) => Signal(changed);
            watcher.Deleted += (_, _) => Signal(changed);
            watcher.Renamed += (_, _) => Signal(changed);
            watcher.Error += (_, _) => Signal(changed);
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (IOException none)
        {
            LogNoWatcher(folder, none.Message);
            return null;
        }
    }

    /// <summary>One pending signal is enough for any number of changes.</summary>
    private static void Signal(SemaphoreSlim changed)
    {
        if (changed.CurrentCount == 0) changed.Release();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The models folder {Folder} cannot be used: {Reason}")]
    private partial void LogUnreadable(string folder, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Folder} is not watched ({Reason}); it is looked through twice a minute")]
    private partial void LogNoWatcher(string folder, string reason);
}
