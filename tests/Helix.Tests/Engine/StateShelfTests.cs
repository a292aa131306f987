using CsCheck;
using Helix.Engine.Scheduling;

namespace Helix.Tests.Engine;

public sealed class StateShelfTests
{
    private const int Slots = 3;
    private const int Context = 20;

    private static readonly Gen<Act[]> s_acts =
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, Slots - 1], Gen.Int[0, 1].Array[1, Context]).Select((kind, slot, tokens) => new Act(kind, slot, tokens)).Array[0, 60];

    [Fact]
    public void The_memory_that_is_planned_is_never_exceeded_and_every_state_is_given_back_once() => s_acts.Sample(Keeps);

    [Fact]
    public void What_was_used_longest_ago_makes_room_for_what_a_slot_touches()
    {
        using var shelf = new StateShelf<Fake>(slots: 2, context: 10);
        var (first, second) = (State(1, 8), State(2, 8));
        Put(shelf, first);
        Put(shelf, second);
        shelf.Use(first);

        shelf.Touch(0, 5);

        Assert.Equal(8, shelf.Tokens);
        Assert.Same(first, shelf.Find([1, 1, 1]));
        Assert.Null(shelf.Find([2, 2, 2]));
    }

    [Fact]
    public void Room_that_is_not_there_costs_nobody_his_place()
    {
        using var shelf = new StateShelf<Fake>(slots: 2, context: 10);
        var kept = State(1, 8);
        Put(shelf, kept);
        shelf.Touch(0, 6);

        Assert.False(shelf.TryMakeRoom(15));
        Assert.False(shelf.TryMakeRoom(7, kept));
        Assert.False(shelf.TryMakeRoom(0, kept, slot: 1, touches: 7));
        Assert.Equal(1, shelf.Count);
        Assert.True(shelf.TryMakeRoom(0, kept, slot: 1, touches: 6));
        Assert.Equal(1, shelf.Count);
        Assert.True(shelf.TryMakeRoom(14));
        Assert.Equal(0, shelf.Count);
    }

    [Fact]
    public void A_state_takes_the_place_of_the_one_it_goes_on_from()
    {
        using var shelf = new StateShelf<Fake>(slots: 2, context: 10);
        Put(shelf, State(1, 4));

        Put(shelf, State(1, 6));

        Assert.Equal(1, shelf.Count);
        Assert.Equal(6, shelf.Tokens);
        Assert.True(shelf.Holds([1, 1, 1]));
        Assert.False(shelf.Holds([1, 1, 1, 2]));
    }

    private static bool Keeps(Act[] acts)
    {
        var made = new List<Fake>();
        using (var shelf = new StateShelf<Fake>(Slots, Context))
        {
            foreach (var act in acts)
            {
                if (!Do(shelf, act, made) || shelf.Tokens + shelf.Touched > Slots * Context || made.Count(state => state.Disposals == 0) != shelf.Count)
                    return false;
            }
        }

        return made.All(state => state.Disposals == 1);
    }

    /// <summary>False if something that was to be there is not.</summary>
    private static bool Do(StateShelf<Fake> shelf, Act act, List<Fake> made)
    {
        switch (act.Kind)
        {
            case 0:
                shelf.Touch(act.Slot, act.Tokens.Length);
                return true;
            case 1:
                if (shelf.Holds(act.Tokens) || !shelf.TryMakeRoom(act.Tokens.Length))
                    return true;
                made.Add(new Fake());
                shelf.Add(new ShelvedState<Fake>(act.Tokens, act.Tokens.Length, made[^1]));
                return shelf.Holds(act.Tokens);
            case 2:
                if (shelf.Find(act.Tokens) is { } used)
                    shelf.Use(used);
                return true;
            default:
                if (shelf.Find(act.Tokens) is not { } found || !shelf.TryMakeRoom(0, found, act.Slot, found.Tokens.Length))
                    return true;
                shelf.Touch(act.Slot, found.Tokens.Length);
                if (found.State.Disposals > 0)
                    return false;
                shelf.Remove(found);
                return true;
        }
    }

    private static ShelvedState<Fake> State(int token, int length) => new([.. Enumerable.Repeat(token, length)], length, new Fake());

    private static void Put(StateShelf<Fake> shelf, ShelvedState<Fake> state)
    {
        Assert.True(shelf.TryMakeRoom(state.Tokens.Length));
        shelf.Add(state);
    }

    private sealed record Act(int Kind, int Slot, int[] Tokens);

    private sealed class Fake : IDisposable
    {
        public int Disposals { get; private set; }

        public void Dispose() => Disposals++;
    }
}
