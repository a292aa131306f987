using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Core.Manifests;

namespace Helix.Core.Tests.Gateway;

public sealed class UnknownParametersTests
{
    private const RequestParameters Logprobs = RequestParameters.Logprobs;

    [Fact]
    public void Where_one_engine_knows_all_of_it_nothing_is_said()
    {
        Assert.Null(Of(Served(At("gpt4all", Logprobs), At("llamacpp", RequestParameters.Echo)), Logprobs));
        Assert.Null(Of(Served(At("gpt4all", Logprobs)), RequestParameters.Seed));
        Assert.Null(Of(Served(At("gpt4all", Logprobs)), RequestParameters.None));
        Assert.Null(Of(Served(new Backend("vllm-m", "vllm", "/run/vllm", "m")), Logprobs));
    }

    [Fact]
    public void What_an_engine_lacks_on_one_path_it_may_know_on_another()
    {
        var model = Served(new Backend("a", "vllm", "/run/a", "m") { Gaps = ParameterGaps.None with { Completions = new(RequestParameters.Suffix, RequestParameters.None, RequestParameters.None) } });

        Assert.Null(UnknownParameters.Of(model, InferenceRoute.Chat, RequestParameters.Suffix, ClientDialect.OpenAi, () => []));
        Assert.NotNull(UnknownParameters.Of(model, InferenceRoute.Completion, RequestParameters.Suffix, ClientDialect.OpenAi, () => []));
    }

    [Fact]
    public void A_refusal_names_the_parameter_who_does_not_know_it_and_who_may()
    {
        var error = Of(Served(At("gpt4all", Logprobs)), Logprobs, manifests: [Maker("late", 20, null), Maker("soon", 10, Gaps(RequestParameters.Echo)), Maker("gpt4all", 1, Gaps(Logprobs))])!.Error;

        Assert.Equal((400, "unsupported_parameter", "logprobs"), (error.Status, error.Code, error.Param));
        Assert.Equal(
            "No engine that serves the model 'm' at this moment can do all that is asked for: 'logprobs' is unknown to gpt4all. Leave it out; as far as helix knows, SOON and LATE take it.",
            error.Message);
    }

    [Fact]
    public void Where_another_engine_could_serve_the_model_that_one_is_named()
    {
        var model = Served(At("gpt4all", Logprobs)) with
        {
            Seats = [new("gpt4all", Fleets.Ready, null), new("llamacpp", Fleets.Asleep, null), new("broken", Fleets.Broken, null), new("same", Fleets.Asleep, null), new("stranger", Fleets.Asleep, null)],
        };

        var unknown = Of(model, Logprobs, manifests: [Maker("llamacpp", 1, null), Maker("broken", 1, null), Maker("same", 1, Gaps(Logprobs))])!;

        Assert.EndsWith("Leave it out, or ask for 'llamacpp/m'.", unknown.Error.Message, StringComparison.Ordinal);
        Assert.False(unknown.IsAwaited);
    }

    [Fact]
    public void An_engine_that_knows_it_and_is_on_its_way_is_worth_a_wait()
    {
        var model = Served(At("gpt4all", Logprobs)) with { Seats = [new("gpt4all", Fleets.Ready, null), new("llamacpp", Fleets.Coming, null)] };

        Assert.True(Of(model, Logprobs, manifests: [Maker("llamacpp", 1, null)])!.IsAwaited);
        Assert.False(Of(model, Logprobs, manifests: [Maker("llamacpp", 1, Gaps(Logprobs))])!.IsAwaited);
        Assert.False(Of(model, Logprobs, manifests: [Maker("llamacpp", 1, null, "embeddings")])!.IsAwaited);
    }

    [Fact]
    public void Where_each_lacks_something_else_each_is_told()
    {
        var error = Of(Served(At("one", Logprobs), At("two", RequestParameters.Echo), At("three", Logprobs)), Logprobs | RequestParameters.Echo)!.Error;

        Assert.Contains("'echo' is unknown to two; 'logprobs' is unknown to one and three. Leave them out.", error.Message, StringComparison.Ordinal);
        Assert.Equal("echo", error.Param);
    }

    [Theory]
    [InlineData("Ollama", "options.seed")]
    [InlineData("Anthropic", "seed")]
    public void A_client_hears_its_own_words(string dialect, string name) =>
        Assert.Equal(name, Of(Served(At("a", RequestParameters.Seed)), RequestParameters.Seed, Enum.Parse<ClientDialect>(dialect))!.Error.Param);

    [Fact]
    public void Json_without_a_schema_is_called_so()
    {
        var asked = RequestParameters.ResponseFormat | RequestParameters.JsonObject;

        Assert.Contains("'response_format' for JSON without a schema is unknown to a", Of(Served(At("a", RequestParameters.JsonObject)), asked)!.Error.Message, StringComparison.Ordinal);
        Assert.Contains("'response_format' is unknown to a", Of(Served(At("a", asked)), asked)!.Error.Message, StringComparison.Ordinal);
    }

    private static UnknownParameters? Of(ServedModel model, RequestParameters asked, ClientDialect dialect = ClientDialect.OpenAi, params Manifest[] manifests) =>
        UnknownParameters.Of(model, InferenceRoute.Chat, asked, dialect, () => manifests);

    private static ServedModel Served(params Backend[] backends) => Fleets.Model("m", Fleets.Ready) with { Backends = [.. backends] };

    private static Backend At(string provider, RequestParameters lacks) => new($"{provider}-m", provider, $"/run/{provider}", "m") { Gaps = Gaps(lacks) };

    private static ParameterGaps Gaps(RequestParameters lacks) => ParameterGaps.Everywhere(new(lacks, RequestParameters.None, RequestParameters.None));

    private static Manifest Maker(string id, int preference, ParameterGaps? gaps, string ability = "chat") => new(
        id, id.ToUpperInvariant(), "foundation", "An engine.", "MIT", "https://example.org", 1, null, "nowhere", [], [], null, null, new(["gguf"], [], "{model_id}"), null,
        new(null, ["openai"], [ability], null, null, new("/v1/models", "data.id"), null, null, null) { Gaps = gaps }, preference);
}
