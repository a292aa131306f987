using Helix.Alerts;
using Helix.Core.Alerts;
using Helix.Core.History;
using Helix.Storage;
using Helix.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Alerts;

/// <summary>The alerts of a daemon over a real database, with channels that the test makes up. One daemon may die, and another one comes.</summary>
internal sealed class AlertHouse : IAsyncDisposable
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _clock;

    /// <param name="clock">Null: one that the test moves.</param>
    public AlertHouse(TimeProvider? clock, params IAlertChannel[] channels)
    {
        _clock = clock ?? Time;
        Channels = channels;
        Database = new(Temporary.Home.Database, _clock, NullLogger<Database>.Instance);
        (History, Table, Messages, Banner) = (new(Database), new(Database), new(Database), new(Temporary.Home));
        (Rules, Feed, Watch, Delivery) = Begin();
    }

    public TemporaryHome Temporary { get; } = new();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 29, 10, 0, 0, TimeSpan.Zero));

    public IAlertChannel[] Channels { get; }

    public Database Database { get; }

    public HistoryTable History { get; }

    public AlertTable Table { get; }

    public MessageTable Messages { get; }

    public BannerFiles Banner { get; }

    public AlertRulesFile Rules { get; private set; }

    public AlertFeed Feed { get; private set; }

    public AlertWatch Watch { get; private set; }

    public AlertDelivery Delivery { get; private set; }

    /// <summary>What is measured.</summary>
    public AlertSample Sample { get; set; } = AlertSample.Nothing;

    /// <summary>Of the waits before something is told.</summary>
    public Func<AlertPolicy, AlertPolicy> Policy { get; set; } = policy => policy;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The daemon is gone in the middle of whatever it did, and the next one begins with what is on the disk.</summary>
    public void Crash() => (Rules, Feed, Watch, Delivery) = Begin();

    public void Happens(string what, string? subject, Severity severity = Severity.Error, HistoryKind kind = HistoryKind.Alert) =>
        History.Append(new(_clock.GetUtcNow(), kind, severity, null, subject, what, $"{what} of {subject}"));

    /// <summary>Lets time pass: each second a turn, and a try for each message that waits.</summary>
    public async Task PassAsync(TimeSpan span, TimeSpan? pace = null)
    {
        for (var end = Time.GetUtcNow() + span; Time.GetUtcNow() < end;)
        {
            Time.Advance(pace ?? s_second);
            await Watch.TurnAsync();
            await SendAsync();
        }
    }

    public async Task SendAsync()
    {
        foreach (var channel in Channels)
            while (await Delivery.SendNextAsync(channel, Token) is null)
            {
                // the next one
            }
    }

    public async Task<List<Alert>> ListAsync(AlertFilter? filter = null) => Assert.IsType<Stored<List<Alert>>.Ok>(await Table.ListAsync(filter ?? new())).Value;

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Temporary.Dispose();
    }

    private (AlertRulesFile, AlertFeed, AlertWatch, AlertDelivery) Begin()
    {
        var (rules, feed) = (new AlertRulesFile(Temporary.Home, History.Append, _clock), new AlertFeed());
        var tools = new AlertTools(
            Guid.NewGuid().ToString("N"), () => Sample, rules, () => Policy(new([.. Channels.Select(channel => channel.Policy).OfType<ChannelPolicy>()]) { Link = "http://h/#alerts/" }), () => Severity.Error, Banner);
        return (
            rules, feed, new AlertWatch(Table, History, tools, feed, _clock, NullLogger<AlertWatch>.Instance),
            new AlertDelivery(Channels, Messages, feed, History.Append, () => 0.5, _clock, NullLogger<AlertDelivery>.Instance));
    }
}
