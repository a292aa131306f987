using Helix.Core.Clouds;

namespace Helix.Storage;

/// <summary>What came of the wish to put money aside.</summary>
/// <param name="IsDone">It is put aside.</param>
/// <param name="All">What was spent that day before it, or is put aside.</param>
/// <param name="OfKey">The same for the one who asked.</param>
internal sealed record SetAside(bool IsDone, Money All, Money OfKey);

/// <summary>
/// What clouds were paid each day. What a request may cost at most is put aside before it is sent, and the rest given back afterwards: whatever happens in
/// between, also to the daemon, no more than that is ever missing.
/// </summary>
internal sealed class SpendingTable(Database database)
{
    private const int DaysKept = 400;

    /// <param name="day">Of UTC, since 1970.</param>
    /// <param name="key">Name of the key that asks; empty for none.</param>
    /// <param name="daily">That may be spent by all.</param>
    /// <param name="perKey">That may be spent by this one; null: no less.</param>
    public Task<Stored<SetAside>> SetAsideAsync(long day, string key, Money most, Money daily, Money? perKey) => database.AskAsync(connection =>
    {
        // what is forgotten by the next start is no budget
        if (!database.IsKept) throw new IOException("it cannot be opened, so nothing is kept in it");
        // the first word is a writing one: nobody else comes between what is read and what is written
        connection.Run("INSERT INTO spending (day, key, nanos) VALUES ($day, $key, 0) ON CONFLICT (day, key) DO NOTHING", ("$day", day), ("$key", key));
        connection.Run("DELETE FROM spending WHERE day < $oldest", ("$oldest", day - DaysKept));
        var (all, ofKey) = connection.Read(
            "SELECT coalesce(sum(nanos), 0), coalesce(sum(CASE WHEN key = $key THEN nanos END), 0) FROM spending WHERE day = $day",
            row => (new Money(row.GetInt64(0)), new Money(row.GetInt64(1))), ("$day", day), ("$key", key))[0];
        if (most > Money.Zero && (most > daily - all || (perKey is { } limit && most > limit - ofKey))) return new SetAside(false, all, ofKey);
        connection.Run("UPDATE spending SET nanos = nanos + $most WHERE day = $day AND key = $key", ("$day", day), ("$key", key), ("$most", most.Nanos));
        return new SetAside(true, all, ofKey);
    });

    /// <param name="change">What was spent beyond what was put aside, or less than nothing.</param>
    public void Settle(long day, string key, Money change) => database.Post(connection => connection.Run(
        "UPDATE spending SET nanos = max(0, nanos + $change) WHERE day = $day AND key = $key", ("$day", day), ("$key", key), ("$change", change.Nanos)));

    /// <summary>What was spent on a day, or is put aside.</summary>
    public Task<Stored<Money>> SpentAsync(long day) => database.AskAsync(connection => connection.Read(
        "SELECT coalesce(sum(nanos), 0) FROM spending WHERE day = $day", row => new Money(row.GetInt64(0)), ("$day", day))[0]);
}
