using System.Threading.Channels;
using Helix.Core.Alerts;
using Helix.Core.History;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Alerts;

/// <summary>What the owner of the alerts needs of the world.</summary>
/// <param name="Origin">Of the messages of a home that has told nothing yet.</param>
/// <param name="Look">Measures.</param>
/// <param name="Policy">As the configuration says now.</param>
/// <param name="Least">From which severity on the command line is told.</param>
internal sealed record AlertTools(string Origin, Func<AlertSample> Look, AlertRulesFile Rules, Func<AlertPolicy> Policy, Func<Severity> Least, BannerFiles Banner);

/// <summary>
/// Owns the alerts. In each turn it hears what the history has of new, measures now and then, does what somebody said, and keeps what comes of it and
/// the messages to be sent in one step: a crash between two turns repeats what was not kept, and nothing else.
/// </summary>
internal sealed partial class AlertWatch(AlertTable table, HistoryTable history, AlertTools tools, AlertFeed feed, TimeProvider time, ILogger<AlertWatch> log) : BackgroundLoop
{
    private const int Lot = 500;

    private static readonly TimeSpan s_sample = TimeSpan.FromSeconds(10);

    /// <summary>While something waits.</summary>
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);

    /// <summary>In a storm, what comes within it is heard together.</summary>
    private static readonly TimeSpan s_breath = TimeSpan.FromMilliseconds(250);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Channel<Asked> _asked = Channel.CreateBounded<Asked>(new BoundedChannelOptions(1000) { SingleReader = true });
    private KeptBook? _kept;
    private long? _sampled;
    private string? _shown;
    private bool _isShown;

    /// <summary>As it was kept last; null until it was read.</summary>
    public AlertBook? Current => Volatile.Read(ref _kept)?.Book;

    /// <summary>Does what somebody said, in the next turn.</summary>
    public async Task<Stored<WishOutcome>> AskAsync(AlertWish wish)
    {
        var asked = new Asked(wish, new(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!_asked.Writer.TryWrite(asked)) return new Stored<WishOutcome>.Failed("conflict", "this daemon leaves, or has too much to do", "Ask again in a moment.");
        Wake();
        return await asked.Answer.Task;
    }

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        history.Appended += Wake;
        try
        {
            while (true)
            {
                await TryTurnAsync();
                await Task.Delay(s_breath, time, stoppingToken);
                await AwakeAsync(Current is { IsRestless: true } ? s_tick : s_sample, stoppingToken);
            }
        }
        finally
        {
            history.Appended -= Wake;
            _asked.Writer.TryComplete();
            while (_asked.Reader.TryRead(out var asked)) asked.Answer.SetResult(new Stored<WishOutcome>.Failed("conflict", "this daemon leaves", "Ask the next one."));
            feed.End();
        }
    }

    /// <summary>A turn that breaks is told, and takes neither the daemon nor its gateway along.</summary>
    private async Task TryTurnAsync()
    {
        try
        {
            await TurnAsync();
        }
        catch (Exception broken)
        {
            LogBroken(broken);
        }
    }

    /// <summary>One turn, and further ones while there is more to hear.</summary>
    internal async Task TurnAsync()
    {
        var isMore = true;
        while (isMore) isMore = await TurnOnceAsync();
    }

    /// <returns>True if there is more to hear.</returns>
    private async Task<bool> TurnOnceAsync()
    {
        if (_kept is null)
        {
            if (await table.LoadAsync(tools.Origin, time.GetUtcNow()) is not Stored<KeptBook>.Ok(var loaded)) return Refuse();
            Volatile.Write(ref _kept, loaded);
            feed.Note(AlertCounts.Of(loaded.Book, time.GetUtcNow()));
        }

        var before = _kept!;
        if (await history.AfterAsync(before.Book.Cursor, Lot) is not Stored<List<HistoryEvent>>.Ok(var events)) return Refuse();

        var asked = new List<Asked>();
        while (_asked.Reader.TryRead(out var one)) asked.Add(one);
        try
        {
            await KeepAsync(before, events, asked);
        }
        catch (Exception broken)
        {
            // nobody waits for what is not going to be answered
            Fail(asked, new("storage", $"the alerts broke: {broken.Message}", "Look at the daemon's log."));
            throw;
        }

        return events.Count == Lot && Current is { } book && book.Cursor > before.Book.Cursor;
    }

    private async Task KeepAsync(KeptBook before, List<HistoryEvent> events, List<Asked> asked)
    {
        tools.Rules.Look();
        var now = time.GetUtcNow();
        var input = new AlertInput([.. events.Select(Occurrence.Of)], Sample(), [.. asked.Select(one => one.Wish)], events.Count > 0 ? events[^1].Id : 0);
        var step = AlertTurn.Run(before.Book, tools.Rules.Current.Rules, tools.Policy(), input, now);
        var kept = step.IsChanged ? await table.SaveAsync(before, step, now) : new Stored<bool>.Ok(true);
        if (kept is not Stored<bool>.Ok(true))
        {
            // nothing of it is true yet: the same is heard again, and who asked is told
            if (kept is Stored<bool>.Failed failed) Fail(asked, new(failed.Code, failed.Reason, failed.Remedy));
            else
            {
                Volatile.Write(ref _kept, null);
                Fail(asked, new("conflict", "another daemon writes the alerts", "Ask again in a moment."));
            }

            return;
        }

        Volatile.Write(ref _kept, new KeptBook(step.Book, step.IsChanged ? before.Version + 1 : before.Version));
        for (var at = 0; at < asked.Count; at++) asked[at].Answer.SetResult(new Stored<WishOutcome>.Ok(step.Outcomes[at]));
        Show(step.Book, now);
        if (step.IsChanged) feed.Note(AlertCounts.Of(step.Book, now));
    }

    /// <summary>Null where it was measured a moment ago.</summary>
    private AlertSample? Sample()
    {
        if (_sampled is { } last && time.GetElapsedTime(last) < s_sample) return null;
        _sampled = time.GetTimestamp();
        var sample = tools.Look();
        return tools.Rules.Current.Problems.IsEmpty ? sample with { Well = sample.Well.Add(AlertCauses.RulesAreTaken) } : sample;
    }

    private void Show(AlertBook book, DateTimeOffset now)
    {
        var line = AlertText.Banner(book, tools.Least(), now);
        if (_isShown && line == _shown) return;
        (_shown, _isShown) = (line, true);
        try
        {
            tools.Banner.Show(line);
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            // the list has it; the next change is written again
            LogNotShown(disk.Message);
        }
    }

    private bool Refuse()
    {
        LogUnread();
        while (_asked.Reader.TryRead(out var asked)) asked.Answer.SetResult(new Stored<WishOutcome>.Failed("storage", "the database cannot be read", "Look at the daemon's log, then try again."));
        return false;
    }

    private static void Fail(List<Asked> asked, Stored<WishOutcome>.Failed failed)
    {
        foreach (var one in asked) one.Answer.TrySetResult(failed);
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    private async Task AwakeAsync(TimeSpan most, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(most, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await _wake.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // it is time
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "the alerts cannot be read from the database; they are tried again")]
    private partial void LogUnread();

    [LoggerMessage(Level = LogLevel.Error, Message = "a turn of the alerts broke; the same is heard again")]
    private partial void LogBroken(Exception broken);

    [LoggerMessage(Level = LogLevel.Warning, Message = "commands cannot be told of alerts: {Reason}")]
    private partial void LogNotShown(string reason);

    private sealed record Asked(AlertWish Wish, TaskCompletionSource<Stored<WishOutcome>> Answer);
}
