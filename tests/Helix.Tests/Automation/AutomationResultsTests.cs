using Helix.Automation;
using Helix.Core.History;
using Helix.Fleet;
using Helix.Storage;
using Helix.Tests.Fakes;
using Helix.Tests.Gateway.Fakes;
using Helix.Tests.Tuning;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Automation;

/// <summary>What is told of what helix does by itself, and when.</summary>
public sealed class AutomationResultsTests : IDisposable
{
    private readonly TemporaryHome _temporary = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 10, 0, 0, TimeSpan.Zero));

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task What_came_of_it_is_told_as_soon_as_the_history_has_it()
    {
        await using var database = new Database(Path.Combine(_temporary.Home.Root, "state", "helix.db"), _time, NullLogger<Database>.Instance);
        var history = new HistoryTable(database);
        history.Append(Event(HistoryKind.Backup, "an old backup"));
        var endpoints = new AutomationEndpoints(
            [new("backup", "backs up", "day", "backup.enabled", HistoryKind.Backup, new Work(_time))], new(() => { }, (_, _) => { }), new FakeFleetView(), new LookLog(_time), history, new FixedConfig());
        Assert.Equal(("an old backup", "nothing had to be mended"), (await ResultAsync("backup"), await ResultAsync("recovery")));
        var shown = 0;
        history.TellOf(happened =>
        {
            if (endpoints.Note(happened)) shown++;
        });

        history.Append(Event(HistoryKind.Backup, "a new backup"));
        history.Append(Event(HistoryKind.Healing, "an engine was restarted"));
        history.Append(Event(HistoryKind.Install, "something else"));
        // it stands behind them
        await history.ReadAsync(new());

        Assert.Equal(2, shown);
        Assert.Equal(("a new backup", "an engine was restarted"), (await ResultAsync("backup"), await ResultAsync("recovery")));

        async Task<string?> ResultAsync(string id) => (await endpoints.AllAsync()).Single(row => row.Id == id).Result;
    }

    [Fact]
    public async Task That_it_was_begun_and_that_it_has_ended_is_told_of()
    {
        var work = new Work(_time);
        List<string> told = [];
        work.Turned += () => told.Add(work.Result ?? $"begun: {work.Ran is not null}");

        await work.LookAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["begun: True", "it is done"], told);
    }

    private HistoryEvent Event(HistoryKind kind, string words) => new(_time.GetUtcNow(), kind, Severity.Info, null, null, "done", words);

    private sealed class Work(TimeProvider time) : Recurrent(time, () => 0)
    {
        protected override TimeSpan Interval => TimeSpan.FromDays(1);

        protected override bool IsWanted => true;

        protected override Task<DateTimeOffset?> LastAsync() => Task.FromResult<DateTimeOffset?>(null);

        protected override Task<bool> DoAsync(CancellationToken cancellationToken)
        {
            Result = "it is done";
            return Task.FromResult(true);
        }
    }
}
