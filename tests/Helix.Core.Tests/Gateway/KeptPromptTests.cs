using CsCheck;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

/// <summary>What engines have kept of prompts, as far as helix can know it.</summary>
public sealed class KeptPromptTests
{
    private static readonly ChoiceTerms s_terms = new(ModelAbilities.Chat, 1000, [], Balances: true, TimeSpan.FromMinutes(1)) { AnswerTokens = 10 };

    [Fact]
    public void What_was_read_is_found_as_far_as_it_begins_alike()
    {
        var index = new PrefixIndex(16);
        index.Add([1, 2, 3]);

        Assert.Equal((3, 2, 0), (index.Match([1, 2, 3, 4]), index.Match([1, 2, 9]), index.Match([9, 2, 3])));
    }

    [Fact]
    public void There_is_never_more_than_there_is_room_for_and_what_was_read_last_is_there() =>
        Gen.Select(Gen.ULong[0, 40].Array[1, 12].Array[1, 20], Gen.Int[1, 24], Gen.Bool.Array[20]).Sample((prompts, capacity, forgets) =>
        {
            var index = new PrefixIndex(capacity);
            foreach (var (at, prompt) in prompts.Index())
            {
                ulong[] chain = [.. prompt.Distinct()];
                index.Add(chain);
                Assert.InRange(index.Count, 1, capacity);
                Assert.True(index.Match(chain) > 0);
                index.Learn(10, forgets[at] ? 1 : 10);
                Assert.InRange(index.Count, 1, capacity);
            }
        });

    [Fact]
    public void What_is_kept_is_what_a_list_in_the_order_of_use_would_keep() =>
        Gen.Select(Gen.ULong[0, 40].Array[0, 12].Array[1, 30], Gen.Int[0, 24], Gen.Bool.Array[30]).Sample((prompts, capacity, forgets) =>
        {
            var (index, list, room) = (new PrefixIndex(capacity), new List<ulong>(), capacity);
            foreach (var (at, prompt) in prompts.Index())
            {
                index.Add(prompt);
                foreach (var hash in prompt.Take(room).Reverse())
                {
                    list.Remove(hash);
                    list.Add(hash);
                }

                list.RemoveRange(0, Math.Max(0, list.Count - room));
                index.Learn(10, forgets[at] ? 1 : 10);
                room = forgets[at] ? Math.Clamp(Math.Min(room, list.Count) * 7 / 8, Math.Min(8, capacity), capacity) : Math.Min(capacity, room + room / 32 + 1);
                list.RemoveRange(0, Math.Max(0, list.Count - room));
                Assert.Equal(list.Order(), Enumerable.Range(0, 41).Select(hash => (ulong)hash).Where(hash => index.Match([hash]) == 1));
                Assert.Equal(list.Count, index.Count);
            }
        });

    [Fact]
    public void Long_conversations_are_found_as_looking_for_each_block_would_find_them_and_take_no_more_than_there_is_room_for() =>
        Gen.Select(Gen.Select(Gen.Int[0, 3], Gen.Int[1, 200]).Array[1, 20], Gen.Int[1, 1000]).Sample((prompts, capacity) =>
        {
            var index = new PrefixIndex(capacity);
            foreach (var (talk, length) in prompts)
            {
                var prompt = Talk(talk, length);
                index.Add(prompt);
                Assert.Equal(Math.Min(length, PromptBlocks.Within(capacity)), index.Match(prompt));
                for (var other = 0; other < 4; other++)
                {
                    var whole = Talk(other, 200);
                    Assert.Equal(whole.TakeWhile(hash => index.Match([hash]) == 1).Count(), index.Match(whole));
                }

                var held = Enumerable.Range(0, 4).SelectMany(other => Talk(other, 200).Index()).Distinct().Where(block => index.Match([block.Item]) == 1).Sum(block => PromptBlocks.UnitsOf(block.Index));
                Assert.InRange(held, 1, capacity);
            }

            // all begin alike
            static ulong[] Talk(int number, int length) => [.. Enumerable.Range(0, length).Select(at => (ulong)((at < 10 ? 0 : number + 1) * 1000 + at))];
        });

    [Fact]
    public void An_engine_that_forgets_sooner_than_was_thought_is_taken_to_hold_less_and_more_again_once_it_does()
    {
        var index = new PrefixIndex(400);
        for (ulong prompt = 0; prompt < 10; prompt++) index.Add(Prompt(prompt));
        Assert.Equal(20, index.Match(Prompt(2)));

        for (var i = 0; i < 12; i++) index.Learn(expected: 500, found: 0);
        Assert.Equal((0, 20), (index.Match(Prompt(2)), index.Match(Prompt(9))));

        for (var i = 0; i < 100; i++) index.Learn(expected: 500, found: 500);
        for (ulong prompt = 0; prompt < 10; prompt++) index.Add(Prompt(prompt));
        Assert.Equal(20, index.Match(Prompt(2)));

        static ulong[] Prompt(ulong number) => [.. Enumerable.Range(0, 20).Select(at => number * 100 + (ulong)at)];
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1000)]
    public void An_engine_that_had_forgotten_a_prompt_is_not_thought_to_read_slowly(int? told)
    {
        var pace = new BackendPace();
        var (now, answers) = (TimeSpan.Zero, 0);
        // a thousand tokens a second, whatever was thought to be kept
        for (var second = 1; answers < 20; answers++, now += TimeSpan.FromSeconds(2))
        {
            var flight = pace.Begin(now, promptTokens: 100, isStream: true, keptTokens: 900);
            pace.NoteFirst(flight, now + TimeSpan.FromSeconds(second));
            pace.End(flight, now + TimeSpan.FromSeconds(second + 0.1), 10, isStream: true, slots: 4, readTokens: told);
        }

        Assert.Equal(told is null ? 0.0086 : 0.001, pace.Speed.PerPromptToken, tolerance: told is null ? 0.001 : 0.0001);
    }

    [Fact]
    public void Who_has_kept_a_prompt_gets_it_as_long_as_half_of_its_places_are_free()
    {
        Candidate[] candidates = [Of("home", inFlight: 1, kept: 900), Of("other"), Of("third"), Of("fourth")];
        Assert.Equal((0, TakenFor.Prefix), (BackendChoice.Choose(candidates, s_terms).At, BackendChoice.Choose(candidates, s_terms).For));

        candidates[0] = Of("home", inFlight: 2, kept: 900);
        Assert.Equal((1, TakenFor.Soonest), (BackendChoice.Choose(candidates, s_terms).At, BackendChoice.Choose(candidates, s_terms).For));
    }

    private static Candidate Of(string instance, int inFlight = 0, int kept = 0) =>
        new(new Backend(instance, "builtin", $"/run/{instance}", "m") { Slots = 4, ContextTokens = 4096, Abilities = ModelAbilities.Everything }, inFlight, default)
        {
            Speed = new Speed(50, 0.001, 0.01, 0.4, 0, 0), KeptTokens = kept,
        };
}
