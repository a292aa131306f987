using Helix.Core.Clouds;
using Helix.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Helix.Tests.Storage;

public sealed class SpendingTableTests : IAsyncLifetime
{
    private static readonly Money s_five = Money.Of(5);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("helix-db-");
    private Database _database = null!;

    private string Path => System.IO.Path.Combine(_folder.FullName, "state", "helix.db");

    public ValueTask InitializeAsync()
    {
        _database = Open();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_is_put_aside_is_gone_for_others_until_the_rest_comes_back()
    {
        var table = new SpendingTable(_database);

        Assert.Equal(new SetAside(true, Money.Zero, Money.Zero), await AsideAsync(table, "a", 3));
        Assert.Equal(new SetAside(false, Money.Of(3), Money.Zero), await AsideAsync(table, "b", 2.1m));
        Assert.Equal(new SetAside(true, Money.Of(3), Money.Zero), await AsideAsync(table, "b", 2));
        table.Settle(7, "a", Money.Of(1) - Money.Of(3));

        Assert.Equal(Money.Of(3), Value(await table.SpentAsync(7)));
        Assert.Equal(new SetAside(true, Money.Of(3), Money.Of(1)), await AsideAsync(table, "a", 2));
        Assert.Equal(Money.Zero, Value(await table.SpentAsync(8)));
    }

    [Fact]
    public async Task Where_nothing_is_kept_nothing_is_put_aside()
    {
        var file = System.IO.Path.Combine(_folder.FullName, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        await using var database = new Database(System.IO.Path.Combine(file, "helix.db"), TimeProvider.System, NullLogger<Database>.Instance);

        Assert.IsType<Stored<SetAside>.Failed>(await new SpendingTable(database).SetAsideAsync(7, "a", Money.Of(1), s_five, null));
    }

    [Fact]
    public async Task A_key_has_its_own_limit()
    {
        var table = new SpendingTable(_database);

        Assert.True((await AsideAsync(table, "a", 1, perKey: 1)).IsDone);
        Assert.Equal(new SetAside(false, Money.Of(1), Money.Of(1)), await AsideAsync(table, "a", 0.001m, perKey: 1));
        Assert.True((await AsideAsync(table, "b", 1, perKey: 1)).IsDone);
    }

    [Fact]
    public async Task It_outlives_the_daemon_and_two_daemons_share_it()
    {
        var table = new SpendingTable(_database);
        await AsideAsync(table, "a", 3);
        await using var other = Open();

        Assert.False((await AsideAsync(new SpendingTable(other), "a", 3)).IsDone);
        Assert.True((await AsideAsync(new SpendingTable(other), "a", 2)).IsDone);
        Assert.False((await AsideAsync(table, "b", 1)).IsDone);
    }

    [Fact]
    public async Task A_limit_that_was_lowered_lets_nothing_through_and_what_costs_nothing_passes()
    {
        var table = new SpendingTable(_database);
        await AsideAsync(table, "a", 3);

        Assert.False(Value(await table.SetAsideAsync(7, "a", Money.Of(0.01m), Money.Of(1), null)).IsDone);
        Assert.False(Value(await table.SetAsideAsync(7, "a", new Money(long.MaxValue), s_five, null)).IsDone);
        Assert.True(Value(await table.SetAsideAsync(7, "a", Money.Zero, Money.Of(1), Money.Zero)).IsDone);
    }

    private static async Task<SetAside> AsideAsync(SpendingTable table, string key, decimal most, decimal? perKey = null) =>
        Value(await table.SetAsideAsync(7, key, Money.Of(most), s_five, perKey is { } limit ? Money.Of(limit) : null));

    private Database Open() => new(Path, TimeProvider.System, NullLogger<Database>.Instance);

    private static T Value<T>(Stored<T> stored) => Assert.IsType<Stored<T>.Ok>(stored).Value;
}
