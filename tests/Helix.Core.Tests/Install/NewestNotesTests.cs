using Helix.Core.Install;
using Helix.Core.Updates;

namespace Helix.Core.Tests.Install;

public sealed class NewestNotesTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(-61, true)]
    [InlineData(-60, true)]
    [InlineData(-59, false)]
    [InlineData(5, true)]
    public void A_host_is_asked_once_an_hour_and_again_when_the_clock_went_back(int minutes, bool mayBe) =>
        Assert.Equal(mayBe, NewestNotes.Empty.WithTry("s", "h", new(s_now.AddMinutes(minutes), null)).MayAsk("h", s_now));

    [Theory]
    [InlineData(0, true)]
    [InlineData(23, true)]
    [InlineData(25, false)]
    [InlineData(-1, false)]
    public void A_host_that_refused_is_left_alone_for_a_day(int hoursLater, bool isPaused) =>
        Assert.Equal(isPaused, NewestNotes.Empty.WithPause("h", s_now).PausedUntil("h", s_now.AddHours(hoursLater)) is not null);

    [Fact]
    public void Sources_at_one_host_take_turns_and_those_at_another_do_not_wait_for_them()
    {
        (string, string)[] wanted = [("a", "h"), ("b", "h"), ("c", "h"), ("d", "other")];
        var notes = NewestNotes.Empty;
        var turns = new List<string>();
        for (var look = 0; look < 12; look++)
        {
            var now = s_now.AddMinutes(30 * look);
            var turn = notes.Turn(wanted, now).Order(StringComparer.Ordinal).ToArray();
            turns.Add(string.Join("", turn));
            foreach (var source in turn) notes = notes.WithTry(source, source == "d" ? "other" : "h", new(now, "no answer"));
        }

        Assert.Equal(["ad", "", "bd", "", "cd", "", "ad", "", "bd", "", "cd", ""], turns);
        Assert.Empty(notes.WithPause("h", s_now).WithPause("other", s_now).Turn(wanted, s_now.AddHours(8)));
    }

    [Fact]
    public void What_failed_is_told_for_an_hour()
    {
        var notes = NewestNotes.Empty.WithTry("s", "h", new(s_now, "no answer"));

        Assert.Equal("no answer", notes.Fresh("s", s_now.AddMinutes(59))?.Problem);
        Assert.Null(notes.Fresh("s", s_now.AddHours(1)));
    }

    [Fact]
    public void What_was_the_newest_before_is_remembered_with_when_it_was_first_seen()
    {
        var notes = Seen(NewestNotes.Empty, "1", 0);
        notes = Seen(notes, "1", 1);
        notes = Seen(notes, "2", 2);
        notes = Seen(notes, "3", 4);

        Assert.Equal(("3", s_now.AddDays(4)), (notes.Sources["s"].Version, notes.Sources["s"].FirstSeen));
        Assert.Equal([new("2", s_now.AddDays(2)), new SeenVersion("1", s_now)], notes.Sources["s"].Earlier!);
    }

    [Fact]
    public void What_was_withdrawn_is_forgotten()
    {
        var notes = Seen(Seen(Seen(NewestNotes.Empty, "1.1", 0), "1.2", 2), "1.3", 4);

        var back = Seen(notes, "1.2", 5).Sources["s"];
        Assert.Equal(("1.2", s_now.AddDays(2)), (back.Version, back.FirstSeen));
        Assert.Equal([new SeenVersion("1.1", s_now)], back.Earlier!);
        // to one that was not remembered
        Assert.Equal([new SeenVersion("1.1", s_now)], Seen(notes, "1.1.5", 5).Sources["s"].Earlier!);
    }

    [Fact]
    public void Of_a_source_that_names_a_new_one_every_hour_one_a_day_is_remembered_and_no_more_than_a_month()
    {
        var notes = NewestNotes.Empty;
        for (var hour = 0; hour < 24 * 60; hour++) notes = notes.With("s", new($"b{hour}", null, s_now.AddHours(hour)));

        var earlier = notes.Sources["s"].Earlier!;
        Assert.Equal(31, earlier.Count);
        Assert.All(earlier.Zip(earlier.Skip(1)), pair => Assert.Equal(TimeSpan.FromDays(1), pair.First.FirstSeen - pair.Second.FirstSeen));
    }

    private static NewestNotes Seen(NewestNotes notes, string version, int day) => notes.With("s", new(version, null, s_now.AddDays(day)));
}
