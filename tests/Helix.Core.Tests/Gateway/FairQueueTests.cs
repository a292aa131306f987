using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class FairQueueTests
{
    [Fact]
    public void Keys_take_turns_however_many_each_sends()
    {
        var queue = new FairQueue<string>();
        for (var number = 0; number < 6; number++) queue.Add("many", RequestPriority.Normal, $"many{number}", 1);
        queue.Add("few", RequestPriority.Normal, "few0", 1);
        queue.Add("few", RequestPriority.Normal, "few1", 1);

        Assert.Equal(["many0", "few0", "many1", "few1", "many2", "many3", "many4", "many5"], All(queue));
    }

    [Fact]
    public void Who_was_away_has_saved_up_nothing()
    {
        var queue = new FairQueue<string>();
        for (var number = 0; number < 100; number++) queue.Add("there", RequestPriority.Normal, "there", 1);
        for (var number = 0; number < 50; number++) queue.Take();
        for (var number = 0; number < 10; number++) queue.Add("back", RequestPriority.Normal, "back", 1);

        var next = Enumerable.Range(0, 10).Select(_ => queue.Take()).ToArray();
        Assert.Equal(5, next.Count(item => item == "back"));
    }

    [Fact]
    public void High_goes_before_ones_own_and_low_after_everybodys_but_not_never()
    {
        var queue = new FairQueue<string>();
        for (var number = 0; number < 30; number++) queue.Add("a", RequestPriority.Low, "low", 1);
        for (var number = 0; number < 20; number++) queue.Add("b", RequestPriority.Normal, "b", 1);
        queue.Add("c", RequestPriority.Normal, "c", 1);
        queue.Add("c", RequestPriority.High, "urgent", 1);

        var all = All(queue);
        Assert.True(Array.IndexOf(all, "urgent") < Array.IndexOf(all, "c"));
        // others of another key are not passed by for it
        Assert.Equal("b", all[0]);
        Assert.Equal(2, all[..22].Count(item => item == "low"));
        Assert.Equal(52, all.Length);
    }

    [Fact]
    public void What_would_be_taken_before_is_told_about()
    {
        var queue = new FairQueue<string>();
        for (var number = 0; number < 10; number++) queue.Add("many", RequestPriority.Normal, "m", 1);
        queue.Add("few", RequestPriority.Normal, "f", 1);

        Assert.Equal(11, queue.Ahead("many", RequestPriority.Normal));
        Assert.Equal(3, queue.Ahead("few", RequestPriority.Normal));
        Assert.Equal(1, queue.Ahead("few", RequestPriority.High));
        Assert.Equal(2, queue.Ahead("new", RequestPriority.Normal));
        Assert.Equal(11, queue.Ahead("new", RequestPriority.Low));

        // what one had counts, too
        queue.Begin("few", 4);
        Assert.Equal(7, queue.Ahead("few", RequestPriority.Normal));
    }

    /// <summary>Ten times what can be done, asked for very unevenly, with answers whose length nobody knows before.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Under_overload_each_key_gets_its_share_of_the_work_within_five_percent(int seed)
    {
        const int places = 4;
        const double seconds = 20_000;
        var random = new Random(seed);
        var queue = new FairQueue<Asked>();
        // how many each has under way, and how long its answers usually are
        (string Key, int Outstanding, double Usual)[] keys = [("one", 8, 10), ("two", 20, 10), ("three", 60, 30), ("four", 200, 3)];
        var got = keys.ToDictionary(key => key.Key, _ => 0.0);
        var ends = new PriorityQueue<Asked, double>();
        foreach (var (key, outstanding, usual) in keys)
            for (var number = 0; number < outstanding; number++) queue.Add(key, RequestPriority.Normal, new(key, usual, Drawn(usual)), usual);

        var now = 0.0;
        while (now < seconds)
        {
            while (ends.Count < places && queue.Take() is { } begins) ends.Enqueue(begins, now + begins.Takes);
            Assert.True(ends.TryDequeue(out var ended, out now));
            queue.End(ended.Key, ended.Takes - ended.Thought);
            got[ended.Key] += ended.Takes;
            queue.Add(ended.Key, RequestPriority.Normal, new(ended.Key, ended.Thought, Drawn(ended.Thought)), ended.Thought);
        }

        var mean = got.Values.Average();
        Assert.All(got, key => Assert.InRange(key.Value / mean, 0.95, 1.05));

        double Drawn(double usual) => usual * (0.2 + 1.6 * random.NextDouble());
    }

    [Fact]
    public void A_key_whose_answers_were_far_longer_than_was_thought_is_not_shut_out_for_all_of_it()
    {
        var queue = new FairQueue<string>();
        queue.Begin("long", 1);
        for (var number = 0; number < 10_000; number++) queue.Add("short", RequestPriority.Normal, "short", 1);
        queue.End("long", 1_000_000);
        queue.Add("long", RequestPriority.Normal, "long", 1);

        Assert.Contains("long", Enumerable.Range(0, 5000).Select(_ => queue.Take()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_is_left_of_keys_that_have_gone(bool isAnotherThere)
    {
        var queue = new FairQueue<string>();
        if (isAnotherThere) queue.Begin("there", 1);
        for (var number = 0; number < 1000; number++)
        {
            queue.Add($"key{number}", RequestPriority.Normal, "item", 1);
            Assert.NotNull(queue.Take());
            queue.End($"key{number}", 0);
        }

        Assert.Null(queue.Greediest);
        Assert.InRange(queue.Keys, 0, 65);
    }

    private static string[] All(FairQueue<string> queue)
    {
        List<string> all = [];
        while (queue.Take() is { } item) all.Add(item);
        return [.. all];
    }

    private sealed record Asked(string Key, double Thought, double Takes);
}
