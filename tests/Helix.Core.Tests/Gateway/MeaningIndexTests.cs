using CsCheck;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class MeaningIndexTests
{
    private const int MostOfGroup = 5;
    private const int Most = 9;
    private const float Least = 0.3f;

    private static readonly SaidMarks s_marks = SaidMarks.Of("any");

    /// <summary>To which group, with which vector, answered when, and what is done: something is taken away instead where that is 0.</summary>
    private static readonly Gen<(int Group, float[] Vector, int Second, int What)> s_step = Gen.Select(Gen.Int[0, 2], Gen.Float[-1, 1].Array[5], Gen.Int[0, 9], Gen.Int[0, 5]);

    [Fact]
    public void The_nearest_is_the_one_that_a_look_at_all_finds_and_never_of_another_group() => s_step.Array[1, 60].Sample(steps =>
    {
        var index = new MeaningIndex(MostOfGroup, Most);
        var there = new List<Meaning>();
        var number = 0;
        foreach (var (group, vector, second, what) in steps)
        {
            if (UnitVector.Of(vector) is not { } unit) continue;
            if (what == 0 && there.Count > 0)
            {
                Assert.True(index.Remove(there[0]));
                Assert.False(index.Remove(there[0]));
                there.RemoveAt(0);
            }
            else
            {
                var one = new Meaning($"{group}", unit, s_marks, $"{number++}", At(second));
                var gone = index.Add(one);
                Assert.All(gone, old => Assert.Contains(old, there));
                there.RemoveAll(old => gone.Contains(old));
                there.Add(one);
            }

            Assert.Equal(there.Count, index.Count);
            Assert.InRange(index.Count, 0, Most);
            Assert.All(there.GroupBy(each => each.Group), each => Assert.InRange(each.Count(), 1, MostOfGroup));
            for (var asked = 0; asked <= 3; asked++)
            {
                var near = there.Where(each => each.Group == $"{asked}" && each.Answered >= At(second)).Select(each => UnitVector.Dot(each.Unit, unit)).Where(similarity => similarity >= Least).ToArray();
                var found = index.Nearest($"{asked}", unit, s_marks, Least, At(second));
                float? nearest = near.Length > 0 ? near.Max() : null;
                Assert.Equal(nearest, found?.Similarity);
                if (found is var (of, _)) Assert.Equal($"{asked}", of.Group);
            }
        }
    }, iter: 300);

    [Fact]
    public void Whoever_was_there_for_longest_goes_first_of_the_group_then_of_all()
    {
        var index = new MeaningIndex(2, 3);
        Meaning[] all = [Of("a", 1), Of("a", 2), Of("a", 3), Of("b", 4), Of("b", 5)];

        var gone = all.Select(index.Add).ToArray();

        Assert.Equal([0, 0, 1, 0, 1], gone.Select(each => each.Count));
        Assert.Same(all[0], gone[2][0]);
        Assert.Same(all[1], gone[4][0]);
    }

    [Fact]
    public void The_same_answer_is_there_once()
    {
        var index = new MeaningIndex(9, 9);
        var before = Of("a", 1);
        index.Add(before);

        Assert.Same(before, Assert.Single(index.Add(Of("a", 1))));
        Assert.Empty(index.Add(Of("b", 1)));
        Assert.Equal(2, index.Count);
    }

    [Fact]
    public void Of_two_that_are_near_the_one_with_the_same_marks_is_found()
    {
        var index = new MeaningIndex(9, 9);
        var (five, six) = (SaidMarks.Of("5"), SaidMarks.Of("6"));
        index.Add(new Meaning("a", [1, 0], six, "nearer", At(0)));
        index.Add(new Meaning("a", [0.96f, 0.28f], five, "right", At(0)));

        Assert.Equal("right", index.Nearest("a", [1, 0], five, 0.9f, At(0))?.Found.Answer);
        Assert.Null(index.Nearest("a", [1, 0], five, 0.97f, At(0)));
        Assert.Null(index.Nearest("a", [1, 0, 0], six, 0.9f, At(0)));
    }

    [Fact]
    public void The_product_is_right_for_any_length() => Gen.Float[-1, 1].Array[0, 70].Sample(vector =>
    {
        if (UnitVector.Of(vector) is not { } unit) return;
        float[] turned = [.. unit.AsEnumerable().Reverse()];
        Assert.Equal(1, UnitVector.Dot(unit, unit), UnitVector.Tolerance);
        Assert.Equal(unit.Zip(turned).Sum(pair => (double)pair.First * pair.Second), UnitVector.Dot(unit, turned), 1e-5);
    });

    [Fact]
    public void What_has_no_direction_is_no_unit() =>
        Assert.All(new float[][] { [], [0, 0], [float.NaN, 1], [float.PositiveInfinity, 1] }, vector => Assert.Null(UnitVector.Of(vector)));

    private static Meaning Of(string group, int number) => new(group, [1], s_marks, $"{number}", At(number));

    private static DateTimeOffset At(int second) => DateTimeOffset.UnixEpoch.AddSeconds(second);
}
