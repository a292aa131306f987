using Helix.Core.Gateway;
using Helix.Core.Telemetry;

namespace Helix.Core.Tests.Telemetry;

public sealed class RequestWordsTests
{
    private static readonly RequestRecord s_one = new(DateTimeOffset.UnixEpoch, "", "vllm", "m", RequestOutcome.Answered, new(9, 5, 0), false, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), 1)
    {
        Operation = "chat",
        Dialect = ClientDialect.OpenAi,
        Status = 200,
    };

    [Fact]
    public void Each_end_and_each_dialect_has_a_word()
    {
        Assert.Equal(Enum.GetValues<RequestOutcome>().Length, RequestWords.Outcomes.Distinct().Count());
        Assert.Equal(Enum.GetValues<ClientDialect>().Length, RequestWords.Dialects.Distinct().Count());
        Assert.Equal("left", RequestWords.Outcomes[(int)RequestOutcome.Left]);
        Assert.Equal("ollama", RequestWords.Dialects[(int)ClientDialect.Ollama]);
    }

    [Theory]
    [InlineData(RequestOutcome.Answered, 200, "")]
    [InlineData(RequestOutcome.Refused, 400, "400")]
    [InlineData(RequestOutcome.Refused, 429, "429")]
    [InlineData(RequestOutcome.Refused, 418, "4xx")]
    [InlineData(RequestOutcome.Failed, 504, "504")]
    [InlineData(RequestOutcome.Failed, 999, "5xx")]
    [InlineData(RequestOutcome.Failed, 200, "broken_off")]
    [InlineData(RequestOutcome.Left, 200, "client_left")]
    public void An_end_is_told_in_one_of_few_words(object outcome, int status, string word) =>
        Assert.Equal(word, RequestWords.ErrorTypes[RequestWords.ErrorOf(s_one with { Outcome = (RequestOutcome)outcome, Status = status })]);

    [Fact]
    public void Time_per_token_is_of_those_after_the_first()
    {
        Assert.Equal(TimeSpan.FromSeconds(0.5), s_one.PerToken);
        Assert.Null((s_one with { Usage = new(9, 1, 0) }).PerToken);
        Assert.Null((s_one with { FirstToken = null }).PerToken);
        Assert.Null((s_one with { Outcome = RequestOutcome.Left }).PerToken);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("auto", true)]
    [InlineData("auto:latest", true)]
    [InlineData("llamacpp/auto", true)]
    [InlineData("qwen3", false)]
    [InlineData("semi-auto", false)]
    [InlineData("", false)]
    public void A_name_that_leaves_the_choice_to_helix_is_known(string? name, bool isAuto) => Assert.Equal(isAuto, Routing.IsAuto(name));

    [Fact]
    public void The_conventions_names_are_translated_as_Prometheus_wants_them()
    {
        Assert.Equal("gen_ai_server_request_duration_seconds", Measures.Duration.ExpositionName);
        Assert.Equal("gen_ai_client_token_usage", Measures.Tokens.ExpositionName);
        Assert.Equal(100_000, Measures.Duration.Marks[0]);
        Assert.Equal(0.01, Measures.Duration.InUnit(100_000));
        Assert.Equal(64, Measures.Tokens.InUnit(64));
    }
}
