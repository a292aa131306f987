using Helix.Core.Planning;

namespace Helix.Storage;

/// <summary>The most memory that seats were seen to take. Of each provider one release is remembered: the one that was measured last.</summary>
internal sealed class MemoryTable(Database database)
{
    public Task<Stored<MemoryLedger>> AllAsync() => database.AskAsync(connection => connection
        .Read(
            "SELECT provider, release, model, model_bytes, context, slots, peak FROM memory",
            row => (Seat: new MeasuredSeat(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt32(4), row.GetInt32(5)), Peak: row.GetInt64(6)))
        .Aggregate(MemoryLedger.Empty, (ledger, row) => ledger.With(row.Seat, row.Peak)));

    public void Set(MeasuredSeat seat, long peak) => database.Post(connection =>
    {
        connection.Run("DELETE FROM memory WHERE provider = $provider AND release <> $release", ("$provider", seat.Provider), ("$release", seat.Release));
        connection.Run(
            """
            INSERT INTO memory (provider, release, model, model_bytes, context, slots, peak) VALUES ($provider, $release, $model, $bytes, $context, $slots, $peak)
            ON CONFLICT (provider, release, model, model_bytes, context, slots) DO UPDATE SET peak = $peak
            """,
            ("$provider", seat.Provider), ("$release", seat.Release), ("$model", seat.Model), ("$bytes", seat.ModelBytes), ("$context", seat.ContextPerSlot), ("$slots", seat.Slots), ("$peak", peak));
    });
}
