using Helix.Processes;

namespace Helix.Fleet;

/// <summary>What runs and was started by an earlier daemon: it is taken over, or ended.</summary>
internal sealed partial class Fleet
{
    /// <summary>After it was asked to stop, one that nothing wants is killed.</summary>
    private static readonly TimeSpan s_orphanPatience = TimeSpan.FromSeconds(30);

    private readonly List<ProcessIdentity> _orphans = [];

    /// <summary>Since when those are asked to stop that nothing wants.</summary>
    private readonly Dictionary<ProcessIdentity, DateTimeOffset> _asked = [];

    private void AdoptOrEndOrphans()
    {
        foreach (var orphan in _orphans)
        {
            if (_posts.TryGetValue(orphan.Name, out var post))
                post.Supervisor.TellAdopted(orphan, _tools.IsAsLaunched(post.Supervisor.Spec));
            else
                End(orphan);
        }

        _orphans.Clear();
    }

    /// <summary>Told again with each list of what runs, as long as it does.</summary>
    private void End(ProcessIdentity orphan)
    {
        var now = _tools.Time.GetUtcNow();
        var isFirst = _asked.TryAdd(orphan, now);
        if (isFirst) LogOrphanEnded(orphan.Name, orphan.Pid);
        _ = EndAsync(orphan, now - _asked[orphan] < s_orphanPatience ? ProcessSignal.Terminate : ProcessSignal.Kill);
    }

    private async Task EndAsync(ProcessIdentity process, ProcessSignal signal)
    {
        try
        {
            await _tools.Host.SignalAsync(process, signal, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or SpawnFailedException)
        {
            LogOrphanFailed(process.Name, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Name} (pid {Pid}) runs though nothing wants it: asked to stop")]
    private partial void LogOrphanEnded(string name, int pid);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Name} could not be asked to stop")]
    private partial void LogOrphanFailed(string name, Exception exception);
}
