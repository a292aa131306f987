using Helix.Core.Fleet;
using Helix.Core.Updates;

namespace Helix.Core.Tests.Updates;

public class SwitchedSeatTests
{
    private static readonly Backend s_backend = new("x-m", "x", "/s", "m");

    [Fact]
    public void The_old_engine_is_not_taken_for_the_new_one_though_the_snapshot_names_the_new_release()
    {
        var before = Snapshot("1.0", 10, s_backend);
        var old = SwitchedSeat.Pids(before, "x");

        // in use, and nothing has ended or started yet
        Assert.Null(Of(Snapshot("2.0", 10, s_backend)));
        // the old one finishes
        Assert.Null(Of(Snapshot("2.0", 10, null)));
        // nothing runs; the new one loads
        Assert.Null(Of(Snapshot("2.0", null, null)));
        Assert.Null(Of(Snapshot("2.0", 11, null)));
        // the old one was started again before the switch
        Assert.Null(Of(Snapshot("1.0", 11, s_backend)));
        Assert.Equal((s_backend, ModelAbilities.Chat), Of(Snapshot("2.0+cuda", 11, s_backend)));

        (Backend, ModelAbilities)? Of(FleetSnapshot fleet) => SwitchedSeat.Of(fleet, "x", "2.0", "m", old);
    }

    [Fact]
    public void Another_providers_engine_is_none_of_its()
    {
        var fleet = Snapshot("2.0", 11, s_backend);

        Assert.Empty(SwitchedSeat.Pids(fleet, "y"));
        Assert.Empty(SwitchedSeat.Started(fleet, "y", "2.0", []));
        Assert.Null(SwitchedSeat.Of(fleet, "x", "2.0", "other", []));
    }

    private static FleetSnapshot Snapshot(string release, int? pid, Backend? backend) => new(
        1,
        [new("x", "X", ProviderState.Ready, "ready", pid, "m", release, default)],
        [new("x-m", "x", "m", ProviderState.Ready, "ready", pid, 0, default)],
        [
            new("m", ModelAbilities.Chat, new ModelAvailability.Ready(), [], 2048, false, default)
            {
                Seats = [new("x", backend is null ? new ModelAvailability.Asleep() : new ModelAvailability.Ready(), backend)],
            },
        ]);
}
