using Helix.Core.Tuning;
using Helix.Core.Planning;

namespace Helix.Storage;

/// <summary>A change that was tried, and what came of it.</summary>
/// <param name="Words">What was measured.</param>
internal sealed record TuningRow(DateTimeOffset At, Seat Seat, string Release, long ModelBytes, KnobChange Change, bool Kept, string Words);

/// <summary>How engines are run because it was measured to be better, and every change that was tried.</summary>
internal sealed class TuningTable(Database database)
{
    private const int Kept = 1000;

    public Task<Stored<Dictionary<Seat, EngineTuning>>> TunedAsync() => database.AskAsync(connection => connection
        .Read("SELECT provider, model, knob, value FROM tuned", row => (Seat: new Seat(row.GetString(0), row.GetString(1)), Knob: row.GetString(2), Value: row.GetString(3)))
        .GroupBy(row => row.Seat)
        .ToDictionary(seat => seat.Key, seat => seat.Aggregate(EngineTuning.None, (tuning, row) => tuning.With(row.Knob, row.Value))));

    public void Set(Seat seat, EngineTuning tuning) => database.Post(connection =>
    {
        connection.Run("DELETE FROM tuned WHERE provider = $provider AND model = $model", ("$provider", seat.Provider), ("$model", seat.Model));
        foreach (var (knob, value) in tuning.Values)
            connection.Run("INSERT INTO tuned (provider, model, knob, value) VALUES ($provider, $model, $knob, $value)", ("$provider", seat.Provider), ("$model", seat.Model), ("$knob", knob), ("$value", value));
    });

    public void Add(TuningRow row) => database.Post(connection =>
    {
        connection.Run(
            """
            INSERT INTO trials (at, provider, release, model, model_bytes, knob, "from", "to", why, kept, words)
            VALUES ($at, $provider, $release, $model, $bytes, $knob, $from, $to, $why, $kept, $words)
            """,
            ("$at", row.At.ToUnixTimeMilliseconds()), ("$provider", row.Seat.Provider), ("$release", row.Release), ("$model", row.Seat.Model), ("$bytes", row.ModelBytes),
            ("$knob", row.Change.Knob), ("$from", row.Change.From), ("$to", row.Change.To), ("$why", row.Change.Why), ("$kept", row.Kept ? 1 : 0), ("$words", row.Words));
        connection.Run("DELETE FROM trials WHERE id <= (SELECT max(id) FROM trials) - $kept", ("$kept", Kept));
    });

    /// <summary>The oldest first.</summary>
    public Task<Stored<List<TuningRow>>> TriedAsync() => database.AskAsync(connection => connection.Read(
        """SELECT at, provider, model, release, model_bytes, knob, "from", "to", why, kept, words FROM trials ORDER BY id""",
        row => new TuningRow(
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0)), new Seat(row.GetString(1), row.GetString(2)), row.GetString(3), row.GetInt64(4),
            new KnobChange(row.GetString(5), row.GetString(6), row.GetString(7), row.GetString(8)), row.GetInt32(9) != 0, row.GetString(10))));
}
