using CsCheck;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public class ModelAliasTests
{
    [Theory]
    [InlineData("big", 0.5, "big")]
    [InlineData("big, small", 0.99, "big small")]
    [InlineData("llamacpp/big,auto", 0, "llamacpp/big auto")]
    [InlineData("big 90% | other 10%, small", 0.89, "big other small")]
    [InlineData("big 90% | other 10%, small", 0.91, "other big small")]
    [InlineData("a|b|c 2", 0.1, "a c b")]
    [InlineData("a|b|c 2", 0.3, "b c a")]
    [InlineData("a|b|c 2", 0.6, "c a b")]
    [InlineData("a or b, c", 0.9, "a b c")]
    [InlineData("or", 0, "or")] // a model of that name
    public void Models_are_asked_in_their_order_and_share_a_place(string text, double roll, string order) =>
        Assert.Equal(order, string.Join(' ', ModelAlias.Parse(text).Alias!.Order(roll)));

    [Theory]
    [InlineData("", "a model's name is missing")]
    [InlineData("a,,b", "a model's name is missing")]
    [InlineData("a |", "a model's name is missing")]
    [InlineData("a b c", "\"a b c\" is not a model's name with a number")]
    [InlineData("a or b or", "\"a or b or\" is not a model's name with a number")]
    [InlineData("a or b 2", "\"a or b 2\" is not a model's name with a number")]
    [InlineData("a or b | c", "\"a or b\" is not a model's name with a number")]
    [InlineData("a or a", "a is named twice")]
    [InlineData("a 0 | b", "0 is not a number above 0")]
    [InlineData("a -1", "-1 is not a number above 0")]
    [InlineData("a NaN", "NaN is not a number above 0")]
    [InlineData("a 1e400", "1e400 is not a number above 0")]
    [InlineData("a, b | a", "a is named twice")]
    [InlineData("a, shadow b 0", "\"shadow b 0\" is not shadow, a model's name and a percentage")]
    [InlineData("a, shadow b 101%", "\"shadow b 101%\" is not shadow, a model's name and a percentage")]
    [InlineData("a, shadow b c d", "\"shadow b c d\" is not shadow, a model's name and a percentage")]
    [InlineData("a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", "it names 17 models, and 16 are the most")]
    public void What_makes_no_sense_is_refused_with_its_reason(string text, string wrong)
    {
        Assert.Equal(wrong, ModelAlias.Parse(text).Wrong);
        Assert.Contains(wrong, ModelAlias.Refuse(text), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("big", null, 0)]
    [InlineData("big, shadow other", "other", 1)]
    [InlineData("big, small, shadow other 2.5%", "other", 0.025)]
    [InlineData("shadow", null, 0)] // a model of that name
    public void The_last_may_be_asked_the_same_unheard(string text, string? shadow, double share)
    {
        var alias = ModelAlias.Parse(text).Alias!;

        Assert.Equal(shadow is null ? default(AliasShare?) : new(shadow, share), alias.Shadow);
        Assert.DoesNotContain("other", alias.Order(0));
    }

    [Fact]
    public void Of_those_that_are_compared_the_best_is_asked_first()
    {
        var alias = ModelAlias.Parse("first, a or b or c, d | e").Alias!;

        Assert.Equal("first c b a d e", string.Join(' ', alias.Order(0, place => [.. place.Names.Reverse()])));
    }

    [Fact]
    public void Every_model_is_asked_once_and_by_its_share_first() =>
        Gen.Select(Gen.Int[1, 9], Gen.Int[1, 9], Gen.Int[1, 9]).Sample(shares =>
        {
            var alias = ModelAlias.Parse($"a {shares.Item1} | b {shares.Item2} | c {shares.Item3}, d").Alias!;
            var orders = Enumerable.Range(0, 1000).Select(at => alias.Order(at / 1000.0)).ToArray();
            Assert.All(orders, order => Assert.Equal(["a", "b", "c", "d"], order.Order()));
            Assert.Equal(shares.Item1 / (double)(shares.Item1 + shares.Item2 + shares.Item3), orders.Count(order => order[0] == "a") / 1000.0, 0.002);
        });
}
