using System.Globalization;

namespace Helix.Tests.Engine;

public sealed class DisplacedConversationTests
{
    private const string OnlyLinux = "Only Linux gives memory back that llama.cpp has filled with zeros.";

    [Fact]
    public async Task More_conversations_than_slots_go_on_where_they_were_and_say_what_they_would_have_said_in_slots_of_their_own()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), OnlyLinux);
        const int Conversations = 6, Slots = 2, Context = 2048, Least = 200;
        var model = DrawnGguf.Make(seed: 7);
        using var few = new TestEngine(model, Slots, Context);
        using var enough = new TestEngine(model, Conversations, Context);
        var said = Enumerable.Range(0, Conversations).Select(number => $"{number} {Repeat($"talk {number} ", Least)}").ToArray();
        var answers = new HashSet<string>();

        // so that every slot knows a token that all prompts begin with, and both engines read the same pieces from then on
        for (var i = 0; i < Conversations; i++)
        {
            await enough.AskAsync($"{(char)('a' + i)}", 20);
            await few.AskAsync($"{(char)('a' + i)}", 20);
        }

        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < Conversations; i++)
            {
                var expected = await enough.AskAsync(said[i] + "?", 20);
                var told = await few.AskAsync(said[i] + "?", 20);

                Assert.Equal(expected.Text, told.Text);
                Assert.Equal(expected.Finished.Usage, told.Finished.Usage);
                Assert.InRange(told.Finished.Usage.CachedTokens, round == 0 ? 1 : Least, Context);
                Assert.InRange(few.Scheduler.Counters.KeptTokens, 1, Slots * Context);
                answers.Add(told.Text);
                said[i] += string.Create(CultureInfo.InvariantCulture, $"? {told.Text} and {round}");
            }
        }

        Assert.True(answers.Count > Conversations, "answers that are all alike show nothing of what a model remembers");
        Assert.True(few.Scheduler.Counters.KeptTokens > (Conversations - Slots) * Least, "what no slot holds is counted too");
    }

    [Fact]
    public async Task A_common_beginning_is_taken_from_a_conversation_that_has_no_slot_and_leaves_it_to_go_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), OnlyLinux);
        using var engine = new TestEngine("Very well", slots: 1);
        var (beginning, tail) = (new string('x', 200), new string('a', 100));

        await engine.AskAsync(beginning + tail);
        var other = await engine.AskAsync(new string('b', 100));
        var alike = await engine.AskAsync(beginning + new string('c', 100));
        var goesOn = await engine.AskAsync(beginning + tail + "d");

        Assert.Equal(1, other.Finished.Usage.CachedTokens);
        Assert.Equal(201, alike.Finished.Usage.CachedTokens);
        Assert.Equal(301, goesOn.Finished.Usage.CachedTokens);
        Assert.Equal("Very well", goesOn.Text);
    }

    [Fact]
    public async Task However_much_is_said_no_more_is_kept_than_the_slots_have_room_for()
    {
        const int Slots = 2, Context = 400;
        var random = new Random(3);
        using var engine = new TestEngine("Very well", Slots, Context);

        for (var turn = 0; turn < 60; turn++)
        {
            var told = await engine.AskAsync(new string((char)('a' + random.Next(8)), random.Next(1, Context - 20)));

            Assert.Equal("Very well", told.Text);
            Assert.InRange(engine.Scheduler.Counters.KeptTokens, 1, Slots * Context);
        }
    }

    private static string Repeat(string text, int least) => string.Concat(Enumerable.Repeat(text, (least / text.Length) + 1));
}
