using System.Threading.Channels;
using Helix.Contracts;
using Helix.Core.Configuration;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Configuration;

/// <summary>
/// Owns the configuration of a running daemon. A good edit is taken as soon as the file is at rest; a bad one is
/// kept out and said. The text of the last good one is kept too: a daemon that comes back while the file is broken
/// must not fall back to defaults, which may be more open than what the user chose.
/// </summary>
internal sealed partial class ConfigWatch : BackgroundLoop, IConfigView
{
    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(100);

    private readonly HelixHome _home;
    private readonly TimeProvider _time;
    private readonly ILogger<ConfigWatch> _log;
    private readonly Channel<bool> _knocks = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _publishing = new(); // the watcher and a reload by hand may read the file at the same moment

    private volatile State _state;
    private string? _lastText;

    public ConfigWatch(HelixHome home, TimeProvider time, ILogger<ConfigWatch> log)
    {
        (_home, _time, _log) = (home, time, log);
        _state = new(0, HelixConfig.Default, [], new(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!Reload().Taken && ConfigFile.Load(LastGood) is ConfigOutcome.Good(var config, _)) _state = _state with { Config = config };
    }

    public HelixConfig Current => _state.Config;

    public long Version => _state.Version;

    public IReadOnlyList<string> Problems => _state.Problems;

    private string LastGood => _home.LastGoodConfig;

    public async Task ChangedAsync(long version, CancellationToken cancellationToken)
    {
        while (_state is var state && state.Version <= version) await state.Replaced.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Reads the file now, and says what came of it.</summary>
    public ReloadReport Reload()
    {
        var read = ConfigFile.Read(_home.Config);
        var isGone = !File.Exists(_home.Config) && File.Exists(LastGood);
        lock (_publishing)
        {
            return read switch
            {
                _ when isGone => Refuse([$"{_home.Config} is gone; put it back, or run \"helix stop\" and \"helix start\" for a new one with the defaults"]),
                FileText.Is(var text) => Take(text),
                FileText.Refused(var why) => Refuse([why]),
                _ => throw new InvalidOperationException("a text is either there or refused"),
            };
        }
    }

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        using var watcher = Watch();
        await using var poll = _time.CreateTimer(_ => _knocks.Writer.TryWrite(true), null, s_poll, s_poll);
        await foreach (var _ in _knocks.Reader.ReadAllAsync(stoppingToken))
        {
            if (ConfigFile.Read(_home.Config) is FileText.Is(var seen) && seen == _lastText) continue;
            await AtRestAsync(stoppingToken);
            Reload();
        }
    }

    /// <summary>Waits until the file reads the same twice: an editor empties it before it writes.</summary>
    private async Task AtRestAsync(CancellationToken cancellationToken)
    {
        var before = ConfigFile.Read(_home.Config);
        while (true)
        {
            await Task.Delay(s_rest, _time, cancellationToken);
            var now = ConfigFile.Read(_home.Config);
            if (now == before) return;
            before = now;
        }
    }

    /// <summary>Null where the system cannot watch (no folder, no watches left): the poll sees every change a little later.</summary>
    private FileSystemWatcher? Watch()
    {
        try
        {
            var watcher = new FileSystemWatcher(Path.GetDirectoryName(_home.Config)!);
            FileSystemEventHandler knock = (_, _) => _knocks.Writer.TryWrite(true);
            watcher.Changed += knock;
            watcher.Created += knock;
            watcher.Deleted += knock;
            watcher.Renamed += (_, _) => _knocks.Writer.TryWrite(true);
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception unwatchable) when (unwatchable is IOException or ArgumentException)
        {
            LogUnwatched(unwatchable.Message);
            return null;
        }
    }

    private ReloadReport Take(string text)
    {
        var isNew = text != _lastText;
        _lastText = text;
        switch (ConfigText.Parse(text))
        {
            case ConfigOutcome.Good(var config, _):
                if (isNew) Keep(text);
                return Take(config);
            case ConfigOutcome.Bad(var errors): return Refuse([.. errors.Select(error => error.ToString())]);
            default: throw new InvalidOperationException("an outcome is either good or bad");
        }
    }

    private ReloadReport Take(HelixConfig config)
    {
        var changes = ConfigChanges.Between(_state.Config, config);
        var version = changes.IsEmpty ? _state.Version : _state.Version + 1;
        Publish(new(version, config, [], new(TaskCreationOptions.RunContinuationsAsynchronously)));
        var paths = string.Join(", ", changes.Select(setting => setting.Path));
        if (!changes.IsEmpty) LogTaken(paths);
        return new ReloadReport(true, [], [.. changes.Select(ConfigChanges.Note).OfType<string>()]);
    }

    private ReloadReport Refuse(string[] problems)
    {
        var all = string.Join("; ", problems);
        if (!problems.SequenceEqual(_state.Problems)) LogRefused(all);
        Publish(_state with { Problems = problems });
        return new ReloadReport(false, problems, []);
    }

    private void Publish(State next)
    {
        var old = _state;
        if (next.Version == old.Version) next = next with { Replaced = old.Replaced };
        _state = next;
        if (next.Version != old.Version) old.Replaced.SetResult();
    }

    private void Keep(string text)
    {
        try
        {
            ConfigFile.Write(LastGood, text);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            LogNotKept(unwritable.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "configuration taken; changed: {Settings}")]
    private partial void LogTaken(string settings);

    [LoggerMessage(Level = LogLevel.Warning, Message = "configuration refused, the old one holds: {Problems}")]
    private partial void LogRefused(string problems);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the configuration's folder cannot be watched ({Reason}); it is looked at every few seconds")]
    private partial void LogUnwatched(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the last good configuration cannot be kept: {Reason}")]
    private partial void LogNotKept(string reason);

    private sealed record State(long Version, HelixConfig Config, IReadOnlyList<string> Problems, TaskCompletionSource Replaced);
}
