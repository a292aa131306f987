using System.Text.Json.Nodes;
using Helix.Core.Clouds;

namespace Helix.Core.Tests.Clouds;

public class CloudPriceTests
{
    private static readonly CloudTarget s_openai = new("work", new("api.openai.com", 443, "/v1"), new("sk"));
    private static readonly CloudTarget s_other = new("other", new("api.example.com", 443, "/v1"), new("sk"));

    private static readonly CloudPrices s_prices = CloudPrices.Parse(JsonNode.Parse("""
        {"observed":"2026-10-03","clouds":{"openai":{"source":"its page","models":{"gpt":{"in":2,"out":8,"cached":0.5},"long":{"in":1,"out":10,"long_from":1000,"long_in":2,"long_out":15}}}}}
        """)).Prices!;

    [Theory]
    [InlineData(1_000_000, 0, 0, 2)]
    [InlineData(0, 1_000_000, 0, 8)]
    [InlineData(1_000_000, 1_000_000, 1_000_000, 8.5)]
    [InlineData(1_000, 500, 400, 0.0054)]
    public void Tokens_cost_what_their_kind_costs(long prompt, long answer, long cached, double dollars) =>
        Assert.Equal((decimal)dollars, s_prices.Of(s_openai, "gpt", [])!.CostOf(prompt, answer, cached).Dollars);

    [Fact]
    public void A_long_prompt_makes_the_whole_request_dearer()
    {
        var price = s_prices.Of(s_openai, "long", [])!;

        Assert.Equal(Money.Of(0.001m + 0.01m), price.CostOf(1_000, 1_000, 0));
        Assert.Equal(Money.Of(0.002002m + 0.015m), price.CostOf(1_001, 1_000, 0));
    }

    [Fact]
    public void More_cached_than_there_was_counts_as_all_of_it() => Assert.Equal(Money.Of(0.0005m), s_prices.Of(s_openai, "gpt", [])!.CostOf(1_000, 0, 9_999));

    [Theory]
    [InlineData(1_000, 0, 400, 0, 0.0022)]
    [InlineData(1_000, 0, 0, 400, 0.0028)]
    [InlineData(1_000, 200, 300, 400, 0.00265)]
    [InlineData(1_000, 9_999, 9_999, 600, 0.0034)]
    public void What_is_put_into_a_cache_costs_more(long prompt, long cached, long written, long writtenLong, double dollars) =>
        Assert.Equal((decimal)dollars, s_prices.Of(s_openai, "gpt", [])!.CostOf(prompt, 0, cached, written, writtenLong).Dollars);

    [Fact]
    public void Nothing_costs_less_than_it_does_and_nothing_more_than_can_be_counted()
    {
        Assert.Equal(1, new CloudPrice(0.0001m, 0).CostOf(1, 0, 0).Nanos);
        Assert.Equal(long.MaxValue, new CloudPrice(CloudPrice.Highest, CloudPrice.Highest).CostOf(long.MaxValue / 4, long.MaxValue / 4, 0).Nanos);
    }

    [Theory]
    [InlineData(0, "$0.00")]
    [InlineData(5_000_000_000, "$5.00")]
    [InlineData(1_234_567_890, "$1.2346")]
    public void Money_is_told_to_the_cent_and_two_digits_more(long nanos, string text) => Assert.Equal(text, new Money(nanos).ToString());

    [Fact]
    public void What_the_user_says_goes_before_what_is_known_and_the_longest_name_before_the_shorter()
    {
        string[] own = ["*/x=1/1", "other/*=1/2", "other/small-*=3/4", "other/small-1=5/6", "work/gpt=7/8"];

        Assert.Equal((1m, 2m), Of(s_other, "large"));
        Assert.Equal((3m, 4m), Of(s_other, "small-2"));
        Assert.Equal((5m, 6m), Of(s_other, "small-1"));
        Assert.Equal((7m, 8m), Of(s_openai, "gpt"));
        Assert.Equal((1m, 10m), Of(s_openai, "long"));

        (decimal, decimal) Of(CloudTarget cloud, string model) => s_prices.Of(cloud, model, own) is { } price ? (price.In, price.Out) : default;
    }

    [Fact]
    public void A_price_of_the_users_keeps_what_is_known_besides()
    {
        var price = s_prices.Of(s_openai, "long", ["work/long=0.5/20"])!;

        Assert.Equal((0.5m, 20m, (int?)1000, (decimal?)1m, (decimal?)30m), (price.In, price.Out, price.LongFrom, price.LongIn, price.LongOut));
        Assert.Equal(s_prices.Of(s_openai, "long", [])!.Answer, price.Answer);
    }

    [Fact]
    public void What_nobody_prices_is_as_dear_as_the_dearest_that_somebody_does()
    {
        Assert.Equal((2m, 15m), Dearest());
        Assert.Equal((7m, 15m), Dearest("other/*=7/1"));
        // a long prompt is twice as dear by the user's price, too
        Assert.Equal((20m, 15m), Dearest("openai/long=10/10"));
        Assert.Equal(new CloudPrice(CloudPrice.Highest, CloudPrice.Highest), CloudPrices.None.Dearest([]));

        (decimal, decimal) Dearest(params string[] own) => s_prices.Dearest(own) is var price ? (price.In, price.Out) : default;
    }

    [Fact]
    public void Money_does_not_wrap_around()
    {
        Assert.Equal(long.MaxValue, (new Money(long.MaxValue) + new Money(1)).Nanos);
        Assert.Equal(long.MinValue, (new Money(long.MinValue) - new Money(1)).Nanos);
    }

    [Fact]
    public void A_model_of_which_nobody_says_has_no_price()
    {
        Assert.Null(s_prices.Of(s_openai, "gpt-9", []));
        Assert.Null(s_prices.Of(s_other, "gpt", []));
    }

    [Theory]
    [InlineData("openai/gpt-4.1=2/8", true)]
    [InlineData("a/meta/llama-3=0/0", true)]
    [InlineData("a/*=0.5/1.25", true)]
    [InlineData("a/gpt-*=0.5/1.25", true)]
    [InlineData("openai/gpt-4.1=2", false)]
    [InlineData("openai/gpt-4.1", false)]
    [InlineData("gpt-4.1=2/8", false)]
    [InlineData("openai/=2/8", false)]
    [InlineData("openai/gpt=-2/8", false)]
    [InlineData("openai/gpt=2/1e3", false)]
    [InlineData("openai/gpt=2/9999999", false)]
    [InlineData("*/gpt=2/8", false)]
    [InlineData("a/*-mini=2/8", false)]
    [InlineData("a/two words=2/8", false)]
    [InlineData("", false)]
    public void What_can_be_a_price_is_told(string text, bool isOne) => Assert.Equal(isOne, CloudPrices.Refuse(text) is null);

    [Theory]
    [InlineData("""{"observed":"yesterday","clouds":{}}""", "is no day")]
    [InlineData("""{"observed":"2026-10-03","clouds":{"opnai":{"source":"x","models":{}}}}""", "'opnai' is no cloud")]
    [InlineData("""{"observed":"2026-10-03","clouds":{"openai":{"source":"","models":{}}}}""", "without a source")]
    [InlineData("""{"observed":"2026-10-03","clouds":{"openai":{"source":"x","models":{"m":{"in":-1,"out":1}}}}}""", "openai/m")]
    [InlineData("""{"observed":"2026-10-03","clouds":{"openai":{"source":"x","models":{"m":{"in":1,"out":1,"long_from":5,"long_in":0.5,"long_out":1}}}}}""", "openai/m")]
    [InlineData("""{"observed":"2026-10-03","clouds":{"openai":{"source":"x","models":{"m":{"in":1}}}}}""", "out")]
    [InlineData("""{"observed":"2026-10-03","clouds":{"openai":{"source":"x","models":{"m":{"in":1,"out":1,"inn":1}}}}}""", "inn")]
    public void A_list_that_is_wrong_is_none(string text, string what)
    {
        var (prices, errors) = CloudPrices.Parse(JsonNode.Parse(text));

        Assert.Null(prices);
        Assert.Contains(errors, error => error.Contains(what, StringComparison.Ordinal));
    }
}
