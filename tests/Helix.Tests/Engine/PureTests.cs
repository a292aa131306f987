using System.Text;
using CsCheck;
using Helix.Engine;
using Helix.Engine.Scheduling;
using Helix.Engine.Text;

namespace Helix.Tests.Engine;

public sealed class StopMatcherTests
{
    private static readonly Gen<string> s_text = Gen.Char["abc"].Array[0, 30].Select(chars => new string(chars));
    private static readonly Gen<string[]> s_stops = Gen.Char["abc"].Array[1, 4].Select(chars => new string(chars)).Array[0, 3];

    [Fact]
    public void However_the_text_is_cut_it_is_told_up_to_the_stop_string_that_is_complete_first() =>
        Gen.Select(s_text, s_stops, Gen.Int[1, 5]).Sample((text, stops, size) => Run(text, stops, size) == Expected(text, stops));

    [Fact]
    public void No_more_is_held_back_than_may_become_a_stop_string()
    {
        var matcher = new StopMatcher([Encoding.UTF8.GetBytes("STOP")]);

        Assert.Equal("going S", Encoding.UTF8.GetString(matcher.Push("going SST"u8)));
        Assert.Equal("", Encoding.UTF8.GetString(matcher.Push("O"u8)));
        Assert.Equal("STOx", Encoding.UTF8.GetString(matcher.Push("x"u8)));
    }

    private static string Run(string text, string[] stops, int size)
    {
        var matcher = new StopMatcher([.. stops.Select(Encoding.UTF8.GetBytes)]);
        var told = new StringBuilder();
        foreach (var chunk in text.Chunk(size))
            told.Append(Encoding.UTF8.GetString(matcher.Push(Encoding.UTF8.GetBytes(chunk))));
        return told.Append(Encoding.UTF8.GetString(matcher.Finish())).ToString();
    }

    private static string Expected(string text, string[] stops)
    {
        for (var end = 0; end <= text.Length; end++)
        {
            var complete = stops.Where(stop => text[..end].EndsWith(stop, StringComparison.Ordinal)).ToArray();
            if (complete.Length > 0)
                return text[..(end - complete.Max(stop => stop.Length))];
        }

        return text;
    }
}

public sealed class Utf8CutterTests
{
    [Fact]
    public void However_text_is_cut_it_comes_out_in_whole_characters() =>
        Gen.Select(Gen.String, Gen.Int[1, 3]).Sample((text, size) =>
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            return Run(bytes, size) == Encoding.UTF8.GetString(bytes);
        });

    [Fact]
    public void Any_bytes_become_valid_text_just_as_if_they_had_come_at_once() =>
        Gen.Select(Gen.Byte.Array[0, 30], Gen.Int[1, 3]).Sample((bytes, size) => Run(bytes, size) == Encoding.UTF8.GetString(bytes));

    private static string Run(byte[] bytes, int size)
    {
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        var cutter = new Utf8Cutter();
        var text = new StringBuilder();
        foreach (var chunk in bytes.Chunk(size))
            text.Append(strict.GetString(cutter.Push(chunk)));
        return text.Append(strict.GetString(cutter.Finish())).ToString();
    }
}

public sealed class BatchPlanTests
{
    private const int Room = 512;
    private const int Beside = 128;

    private static readonly Gen<int[]> s_needs = Gen.OneOf(Gen.Const(0), Gen.Const(1), Gen.Int[0, 2000]).Array[1, 8];

    [Fact]
    public void Nobody_gets_more_than_it_needs_and_something_always_moves() =>
        Gen.Select(s_needs, Gen.Bool).Sample((needs, afterPrompt) =>
        {
            var shares = Plan(needs, afterPrompt);
            return shares.Zip(needs).All(pair => pair.First <= pair.Second) && shares.Sum() <= Room && (shares.Sum() > 0 || needs.All(need => need == 0));
        });

    [Fact]
    public void A_step_is_one_token_of_all_that_write_or_one_prompt_and_they_take_turns() =>
        Gen.Select(s_needs, Gen.Bool).Sample((needs, afterPrompt) =>
        {
            var shares = Plan(needs, afterPrompt);
            var (writers, prompts) = (needs.Count(need => need == 1), needs.Any(need => need > 1));
            return writers > 0 && (afterPrompt || !prompts)
                ? shares.Zip(needs).All(pair => pair.First == (pair.Second == 1 ? 1 : 0))
                : shares.Count(share => share > 0) <= 1 && shares.Sum() <= (writers > 0 ? Beside : Room);
        });

    [Fact]
    public void No_piece_of_a_long_prompt_is_a_short_one() =>
        Gen.Int[2, 3000].Sample(need =>
        {
            for (var left = need; left > 0;)
            {
                var piece = Plan([left], afterPrompt: false)[0];
                if (piece < Math.Min(need, BatchPlan.Tile)) return false;
                left -= piece;
            }

            return true;
        });

    [Fact]
    public void A_short_prompt_need_not_wait_for_a_long_one() => Assert.Equal([0, 40], Plan([5000, 40]));

    [Fact]
    public void A_long_prompt_does_not_wait_for_ever()
    {
        var (left, passed, steps) = (2000, 0L, 0);
        // there is always a short one besides, that has just come
        for (; left > 0; steps++)
        {
            var shares = Plan([left, 100], passed: [passed, 0]);
            left -= shares[0];
            passed += shares[1];
        }

        Assert.InRange(steps, 4, 2000 / 100 + 4);
    }

    [Fact]
    public void Beside_writers_a_prompt_gets_less() => Assert.Equal([0, 128], Plan([1, 5000]));

    [Theory]
    [InlineData(900, 960, 896)]
    [InlineData(900, 964, 900)]
    [InlineData(900, 910, 900)]
    [InlineData(100, 140, 100)]
    public void What_is_kept_leaves_no_nearly_whole_tile(int shared, int prompt, int kept) => Assert.Equal(kept, BatchPlan.Kept(shared, prompt));

    private static int[] Plan(int[] needs, bool afterPrompt = false, long[]? passed = null)
    {
        var shares = new int[needs.Length];
        BatchPlan.Plan(needs, passed ?? new long[needs.Length], shares, Room, Beside, afterPrompt);
        return shares;
    }
}

public sealed class SlotChoiceTests
{
    private const int CopyWorth = 64;

    private static readonly Gen<SlotView[]> s_slots = Gen.Select(Gen.Bool, Gen.Int[0, 2].Array[0, 200], Gen.Long[0, 9]).Select((busy, kept, used) => new SlotView(busy, kept, used)).Array[1, 5];

    [Fact]
    public void A_prompt_never_goes_to_a_busy_slot_and_waits_only_if_all_are_busy() =>
        Gen.Select(s_slots, Gen.Int[0, 2].Array[1, 200]).Sample((slots, prompt) =>
            SlotChoice.Choose(slots, prompt, CopyWorth) is { } choice ? !slots[choice.Slot].Busy : slots.All(slot => slot.Busy));

    [Fact]
    public void What_is_reused_is_really_the_same_and_leaves_a_token_to_compute() =>
        Gen.Select(s_slots, Gen.Int[0, 2].Array[1, 200]).Sample((slots, prompt) =>
            SlotChoice.Choose(slots, prompt, CopyWorth) is not { } choice
            || (choice.Shared < prompt.Length && slots[choice.Source].Kept.Span[..choice.Shared].SequenceEqual(prompt.AsSpan(0, choice.Shared))));

    [Fact]
    public void A_conversation_goes_on_where_it_was() =>
        Assert.Equal(new SlotChoice(1, 1, 3), SlotChoice.Choose([Free(1, 9, 9, 9), Free(2, 1, 2, 3), Free(0)], [1, 2, 3, 4], CopyWorth));

    [Fact]
    public void A_long_conversation_is_not_given_up_for_a_short_common_beginning() =>
        Assert.Equal(new SlotChoice(0, 0, 0), SlotChoice.Choose([Free(1), Free(2, 1, 2, 3, 4, 5, 6)], [1, 2, 9, 9], CopyWorth));

    [Fact]
    public void A_long_beginning_is_copied_from_a_busy_slot()
    {
        var beginning = Enumerable.Range(0, 100).ToArray();

        var choice = SlotChoice.Choose([new SlotView(true, beginning, 5), Free(0)], [.. beginning, 7], CopyWorth);

        Assert.Equal(new SlotChoice(1, 0, 100), choice);
    }

    [Fact]
    public void The_slot_used_longest_ago_is_given_up_first() =>
        Assert.Equal(1, SlotChoice.Choose([Free(9, 5, 5), Free(3, 6, 6), Free(7, 8, 8)], [1, 2], CopyWorth)?.Slot);

    [Fact]
    public void Whatever_the_shelf_has_a_prompt_never_goes_to_a_busy_slot_and_takes_from_the_shelf_only_what_is_worth_it() =>
        Gen.Select(s_slots, Gen.Int[0, 2].Array[1, 200], Gen.Int[0, 199]).Sample((slots, prompt, shelved) =>
        {
            if (SlotChoice.Choose(slots, prompt, CopyWorth, shelved) is not { } choice)
                return slots.All(slot => slot.Busy);
            var most = slots.Max(slot => SlotChoice.Reusable(slot.Kept.Span, prompt));
            return !slots[choice.Slot].Busy && (choice.Source == SlotChoice.Shelf) == (shelved - most >= CopyWorth) && (choice.Source != SlotChoice.Shelf || choice.Shared == shelved);
        });

    [Fact]
    public void What_comes_from_the_shelf_takes_the_slot_used_longest_ago_not_the_one_that_begins_alike() =>
        Assert.Equal(new SlotChoice(1, SlotChoice.Shelf, 70), SlotChoice.Choose([Free(9, 1, 2, 3), Free(3, 6, 6)], [1, 2, 3, 4, 5], CopyWorth, shelved: 70));

    [Theory]
    [InlineData(200, 150, 0, true)]
    [InlineData(60, 50, 0, false)]
    [InlineData(200, 150, 150, false)]
    [InlineData(200, 150, 134, false)]
    [InlineData(200, 150, 133, true)]
    [InlineData(200, 150, 140, false)]
    [InlineData(200, 199, 137, false)]
    [InlineData(200, 199, 136, true)]
    [InlineData(200, 12, 1, true)]
    [InlineData(200, 12, 5, true)]
    [InlineData(200, 12, 6, false)]
    public void A_conversation_is_displaced_by_another_that_leaves_much_of_it_out_but_not_by_itself(int kept, int asked, int shared, bool displaced)
    {
        var tokens = Enumerable.Range(0, kept).ToArray();

        Assert.Equal(displaced, new SlotView(false, tokens, 1, asked).IsDisplacedBy([.. tokens.Take(shared), -1, -2], CopyWorth));
    }

    private static SlotView Free(long used, params int[] kept) => new(false, kept, used);
}

public sealed class LikeliestTests
{
    [Fact]
    public void The_first_place_of_the_greatest_value_is_found() =>
        Gen.Float[-100, 100].Select(value => MathF.Round(value)).Array[1, 70].Sample(values => Likeliest.Of(values) == Array.IndexOf(values, values.Max()));
}
