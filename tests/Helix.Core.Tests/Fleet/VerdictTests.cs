using Helix.Core.Fleet;

namespace Helix.Core.Tests.Fleet;

public class VerdictTests
{
    private static readonly EndpointReading s_ok = new EndpointReading.Ok();
    private static readonly EndpointReading s_silent = new EndpointReading.Silent("nothing listens");
    private static readonly TokenReading s_token = new TokenReading.Produced();
    private static readonly TokenReading s_none = new TokenReading.None("no token for 60 s");

    [Fact]
    public void All_four_steps_make_it_healthy() =>
        Assert.IsType<Verdict.Healthy>(Verdict.Of(s_ok, "m", "m", s_token, tokensFlow: false));

    [Fact]
    public void A_busy_engine_whose_tokens_flow_is_not_dead_whatever_its_endpoint_says() =>
        Assert.IsType<Verdict.Healthy>(Verdict.Of(s_silent, null, "m", s_none, tokensFlow: true));

    [Fact]
    public void One_that_says_ok_and_produces_nothing_is_unwell() =>
        Assert.Equal(HealthStep.Token, Assert.IsType<Verdict.Unwell>(Verdict.Of(s_ok, "m", "m", s_none, tokensFlow: false)).Step);

    [Fact]
    public void One_that_serves_another_model_is_unwell() =>
        Assert.Equal(HealthStep.Identity, Assert.IsType<Verdict.Unwell>(Verdict.Of(s_ok, "other", "m", s_token, tokensFlow: false)).Step);

    [Fact]
    public void A_silent_endpoint_is_told_first() =>
        Assert.Equal(HealthStep.Endpoint, Assert.IsType<Verdict.Unwell>(Verdict.Of(s_silent, null, "m", s_none, tokensFlow: false)).Step);

    [Fact]
    public void Loading_is_neither_well_nor_unwell() =>
        Assert.Equal("42 %", Assert.IsType<Verdict.Loading>(Verdict.Of(new EndpointReading.Loading("42 %"), null, "m", s_none, false)).Progress);
}
