using Helix.Core.Tuning;

namespace Helix.Core.Tests.Tuning;

public sealed class RequestMixTests
{
    [Fact]
    public void Few_requests_say_nothing() => Assert.Null(RequestMix.Of([.. Enumerable.Repeat(new RequestShape(10, 10, 1), RequestMix.FewestSeen - 1)]));

    [Fact]
    public void A_mix_has_short_and_long_ones_as_they_came_and_ends_in_seconds()
    {
        var seen = Enumerable.Range(1, 100).Select(number => new RequestShape(number * 20, number * 4, number % 10 == 0 ? 6 : 2)).ToArray();

        var mix = RequestMix.Of(seen)!;

        Assert.Equal([180, 520, 840, 1024, 1024, 1024], mix.Shapes.Select(shape => shape.PromptTokens));
        Assert.All(mix.Shapes, shape => Assert.InRange(shape.AnswerTokens, 8, 48));
        Assert.Equal(2, mix.Concurrent);
        Assert.Equal(6, mix.Round().Count());
    }

    [Fact]
    public void As_many_are_asked_as_it_takes_to_have_all_under_way() =>
        Assert.Equal(16, RequestMix.Of([.. Enumerable.Repeat(new RequestShape(10, 10, 8), 20)])!.Round().Count());

    [Fact]
    public void What_a_context_does_not_hold_is_not_asked() =>
        Assert.All(new RequestMix([new(1000, 48, 1)], 1).Within(256).Round(), shape => Assert.True(shape.PromptTokens + shape.AnswerTokens <= 256));
}
