using Helix.Engine;
using Helix.Engine.Scheduling;

namespace Helix.Tests.Engine;

public sealed class AnswerTests
{
    [Fact]
    public async Task Every_piece_of_an_answer_is_whole_characters()
    {
        const string Text = "a 😀 b é <日本語> ü";
        using var engine = new TestEngine(Text);

        var told = await engine.AskAsync("?");

        Assert.Equal(Text, told.Text);
        Assert.Contains("😀", string.Concat(told.Pieces), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_string_ends_the_answer_and_no_part_of_it_is_told()
    {
        using var engine = new TestEngine("One two three four five");

        var told = await engine.AskAsync("?", 100, null, "ee fo");

        Assert.Equal("One two thr", told.Text);
        Assert.Equal(FinishReason.Stop, told.Finished.Reason);
    }

    [Fact]
    public async Task What_only_looks_like_a_stop_string_is_told()
    {
        using var engine = new TestEngine("One two three four");

        var told = await engine.AskAsync("?", 100, null, "four five");

        Assert.Equal("One two three four", told.Text);
    }

    [Fact]
    public async Task An_answer_ends_with_length_after_the_tokens_it_may_have()
    {
        using var engine = new TestEngine("One two three four five");

        var told = await engine.AskAsync("?", maxTokens: 2);

        Assert.Equal("One two", told.Text);
        Assert.Equal(FinishReason.Length, told.Finished.Reason);
        Assert.Equal(2, told.Finished.Usage.CompletionTokens);
    }

    [Fact]
    public async Task An_answer_ends_with_length_when_the_context_is_full()
    {
        using var engine = new TestEngine(Words(300), context: 100);
        var question = engine.Question("word word");

        var told = await TestEngine.ReadAsync(engine.Ask(question));

        Assert.Equal(FinishReason.Length, told.Finished.Reason);
        Assert.Equal(100, question.Prompt.Length + told.Finished.Usage.CompletionTokens);
    }

    [Fact]
    public void A_prompt_that_leaves_no_room_for_an_answer_is_refused()
    {
        using var engine = new TestEngine("Yes sir", context: 100);

        var refused = Assert.IsType<Admission.TooLong>(engine.Scheduler.Ask(engine.Question(new string('x', 99))));

        Assert.Equal(100, refused.PromptTokens);
        Assert.Equal(100, refused.Limit);
        Assert.IsType<Admission.Accepted>(engine.Scheduler.Ask(engine.Question(new string('x', 98))));
    }

    [Fact]
    public async Task Questions_beyond_the_slots_wait_and_are_all_answered_alike()
    {
        var text = Words(50);
        using var engine = new TestEngine(text, slots: 3);

        var told = await Task.WhenAll(Enumerable.Range(0, 11).Select(_ => engine.AskAsync("The same question")));

        Assert.All(told, one => Assert.Equal(text, one.Text));
    }

    [Fact]
    public async Task A_question_beyond_the_queue_is_refused_and_a_later_one_is_taken()
    {
        using var engine = new TestEngine(Words(5000), slots: 1, context: 8192, queue: 1);
        var first = engine.Ask(engine.Question("?"));
        var second = engine.Ask(engine.Question("?"));

        Assert.IsType<Admission.Busy>(engine.Scheduler.Ask(engine.Question("?")));

        first.Cancel();
        second.Cancel();
        await TestEngine.ReadAsync(first);
        await TestEngine.ReadAsync(second);
        Assert.IsType<Admission.Accepted>(engine.Scheduler.Ask(engine.Question("?")));
    }

    [Fact]
    public async Task A_cancelled_answer_frees_its_slot_at_once()
    {
        using var engine = new TestEngine(Words(20_000), slots: 1, context: 32_000);
        var answer = engine.Ask(engine.Question("?", 30_000));
        await answer.NextAsync();

        answer.Cancel();
        var told = await TestEngine.ReadAsync(answer);
        var next = await engine.AskAsync("?", maxTokens: 3);

        Assert.IsType<AnswerEnd.Failed>(told.End);
        Assert.Equal(3, next.Finished.Usage.CompletionTokens);
        Assert.True(engine.Scheduler.Counters.CompletionTokens < 20_000);
    }

    [Fact]
    public async Task A_waiting_question_can_be_cancelled_while_another_is_answered()
    {
        var text = Words(2000);
        using var engine = new TestEngine(text, slots: 1, context: 4096);
        var first = engine.Ask(engine.Question("?", 4000));
        var second = engine.Ask(engine.Question("?", 4000));

        second.Cancel();

        Assert.IsType<AnswerEnd.Failed>((await TestEngine.ReadAsync(second)).End);
        Assert.Equal(text, (await TestEngine.ReadAsync(first)).Text);
    }

    [Fact]
    public async Task The_beginning_of_a_prompt_that_was_answered_before_is_not_computed_again()
    {
        using var engine = new TestEngine("Very well");
        var conversation = new string('x', 300);

        var first = await engine.AskAsync(conversation + "one");
        var second = await engine.AskAsync(conversation + "two");

        Assert.Equal(0, first.Finished.Usage.CachedTokens);
        Assert.Equal(301, second.Finished.Usage.CachedTokens);
        Assert.Equal("Very well", second.Text);
    }

    [Fact]
    public async Task A_long_beginning_is_copied_from_a_slot_that_is_busy_with_it()
    {
        using var engine = new TestEngine(Words(3000), slots: 2, context: 8192);
        var conversation = new string('x', 300);
        var busy = engine.Ask(engine.Question(conversation + "one", 5000));
        await busy.NextAsync();

        var second = await engine.AskAsync(conversation + "two", maxTokens: 3);

        Assert.Equal(301, second.Finished.Usage.CachedTokens);
        Assert.StartsWith(second.Text, Words(3000), StringComparison.Ordinal);
        busy.Cancel();
        await TestEngine.ReadAsync(busy);
    }

    [Fact]
    public async Task The_same_seed_draws_the_same_tokens()
    {
        using var engine = new TestEngine("Some words of an answer");
        var hot = new Sampling(Temperature: 2, TopK: 0, TopP: 1, MinP: 0, RepeatPenalty: 1.2f, FrequencyPenalty: 0.1f, PresencePenalty: 0.1f);

        var first = await engine.AskAsync("?", 50, hot);
        var second = await engine.AskAsync("?", 50, hot);

        Assert.Equal(first.Text, second.Text);
    }

    [Fact]
    public async Task An_answer_bound_to_json_keeps_json_that_the_model_gives_by_itself()
    {
        const string Json = """{"name": "Lily", "age": 3, "likes": ["park", "ball", null], "happy": true, "deep": {"a": -1.5e3}}""";
        using var engine = new TestEngine(Json);

        var told = await engine.AskAsync("?", 1024, new Sampling(Temperature: 0, JsonOnly: true));

        Assert.Equal(Json, told.Text);
        Assert.Equal(FinishReason.Stop, told.Finished.Reason);
    }

    [Fact]
    public async Task An_answer_bound_to_json_begins_as_json_whatever_the_model_would_say()
    {
        using var engine = new TestEngine("Plain words, no braces");

        var told = await engine.AskAsync("?", 5, new Sampling(Temperature: 0, JsonOnly: true));

        Assert.StartsWith("{", told.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Embeddings_of_equal_texts_are_equal_and_have_length_one()
    {
        using var engine = new TestEngine("Words");
        int[][] texts = [.. new[] { "the sun", "the moon is somewhat longer", "the sun" }.Select(text => engine.Model.Vocabulary.Tokenize(text, whole: true))];

        var vectors = await engine.EmbedAsync(texts);

        Assert.Equal(vectors[0], vectors[2]);
        Assert.NotEqual(vectors[0], vectors[1]);
        Assert.All(vectors, vector => Assert.Equal(1, vector.Sum(value => (double)value * value), 5));
    }

    [Fact]
    public async Task Embeddings_and_answers_do_not_disturb_each_other()
    {
        var text = Words(400);
        using var engine = new TestEngine(text);
        int[][] texts = [engine.Model.Vocabulary.Tokenize(new string('y', 500), whole: true)];
        var answers = Enumerable.Range(0, 4).Select(_ => engine.AskAsync("?")).ToArray();

        var first = await engine.EmbedAsync(texts);
        var second = await engine.EmbedAsync(texts);

        Assert.Equal(first[0], second[0]);
        Assert.All(await Task.WhenAll(answers), told => Assert.Equal(text, told.Text));
    }

    [Fact]
    public async Task Embeddings_take_places_in_the_queue_and_give_them_back()
    {
        using var engine = new TestEngine(Words(20_000), slots: 1, context: 32_000, queue: 1);
        int[][] texts = [engine.Model.Vocabulary.Tokenize("the sun", whole: true)];
        var first = engine.Ask(engine.Question("?", 30_000));
        var second = engine.Ask(engine.Question("?", 30_000));

        Assert.IsType<Admission.Busy>(engine.Scheduler.Embed(texts, TestContext.Current.CancellationToken));

        first.Cancel();
        second.Cancel();
        await TestEngine.ReadAsync(first);
        await TestEngine.ReadAsync(second);
        for (var round = 0; round < 5; round++)
            Assert.Single(await engine.EmbedAsync(texts));
        engine.Scheduler.Stop("the engine is stopping");
        await engine.Scheduler.Completion.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.IsType<Admission.Closed>(engine.Scheduler.Embed(texts, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Stopping_tells_everyone_who_waits()
    {
        using var engine = new TestEngine(Words(20_000), slots: 1, context: 32_000);
        var running = engine.Ask(engine.Question("?", 30_000));
        var waiting = engine.Ask(engine.Question("?", 30_000));

        engine.Scheduler.Stop("the engine is stopping");

        Assert.IsType<AnswerEnd.Failed>((await TestEngine.ReadAsync(running)).End);
        Assert.IsType<AnswerEnd.Failed>((await TestEngine.ReadAsync(waiting)).End);
        Assert.IsType<Admission.Closed>(engine.Scheduler.Ask(engine.Question("?")));
        await engine.Scheduler.Completion.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    private static string Words(int count) => string.Join(' ', Enumerable.Range(0, count).Select(number => $"word{number}"));
}
