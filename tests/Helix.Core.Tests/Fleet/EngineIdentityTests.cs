using Helix.Core.Fleet;

namespace Helix.Core.Tests.Fleet;

/// <summary>What each engine answers, from its own source or observed; everything else it answers with 404, unless said.</summary>
public sealed class EngineIdentityTests
{
    private static readonly Heard s_nothing = new(404, "Not Found");

    [Theory]
    [InlineData("koboldai", "1.117.1", "/api/extra/version", """{"result":"KoboldCpp","version":"1.117.1"}""", "/api/version", """{"version":"0.7.0"}""", "/api/tags", """{"models":[{"name":"m"}]}""")]
    [InlineData("textgen", null, "/v1/internal/health", """{"status":"ok"}""", "/v1/models", """{"data":[]}""")]
    [InlineData("tabbyapi", null, "/.well-known/serviceinfo", """{"version":0.1,"software":{"name":"TabbyAPI"}}""")]
    [InlineData("llamacpp", "b10566-bb4caa7", "/props", """{"build_info":"b10566-bb4caa7","model_path":"/m.gguf"}""", "/health", """{"status":"ok"}""")]
    [InlineData("llamacpp", "b10566", "/props", """{"role":"router","build_info":"b10566"}""")]
    [InlineData("localai", "v4.9.0 (abc)", "/readyz", "OK", "/version", """{"version":"v4.9.0 (abc)"}""", "/api/tags", """{"models":[]}""")]
    [InlineData("vllm", "0.31.0", "/version", """{"version":"0.31.0"}""")]
    [InlineData("ollama", "0.33.0", "/api/version", """{"version":"0.33.0"}""", "/api/tags", """{"models":[]}""")]
    [InlineData("jan", "0.8.6", "/openapi.json", """{"openapi":"3.1.0","info":{"title":"👋Jan API","version":"0.8.6"}}""")]
    [InlineData("mistralrs", "0.9.0", "/v1/system/info", """{"version":"0.9.0"}""", "/v1/models", """{"data":[{"id":"m","owned_by":"local"}]}""")]
    [InlineData("fastchat", null, "/v1/models", """{"data":[{"id":"m","owned_by":"fastchat"}]}""")]
    [InlineData("gpt4all", null, "/v1/models", """{"data":[{"id":"m","owned_by":"humanity"}]}""")]
    public void Each_product_is_known_by_what_only_it_answers(string product, string? release, params string[] pathsAndAnswers)
    {
        Assert.Equal(new IdentityStep.Known(product, release), Identify(pathsAndAnswers, s_nothing));
    }

    [Fact]
    public void A_server_that_answers_200_to_everything_is_LM_Studio_only_by_its_greeting()
    {
        var unexpected = new Heard(200, """{"error":"Unexpected endpoint or method. (GET /x)"}""");

        Assert.Equal(new IdentityStep.Known("lmstudio", null), Identify(["/lmstudio-greeting", """{"lmstudio":true}"""], unexpected));
        Assert.Equal(new IdentityStep.Unknown(), Identify([], unexpected));
    }

    [Theory]
    [InlineData(200, "<!doctype html><title>My app</title>")]
    [InlineData(200, "")]
    [InlineData(200, "[]")]
    [InlineData(200, "null")]
    [InlineData(401, "")]
    [InlineData(403, "Invalid host header")]
    [InlineData(500, """{"status":"error"}""")]
    [InlineData(0, "")]
    public void What_says_the_same_to_every_question_is_nobody_we_know(int status, string text)
    {
        Assert.IsType<IdentityStep.Unknown>(Identify([], new(status, text)));
    }

    [Fact]
    public void One_that_asks_for_a_key_is_known_by_what_stays_open()
    {
        Assert.Equal(new IdentityStep.Known("vllm", "0.31.0"), Identify(["/version", """{"version":"0.31.0"}"""], new(404, ""), ("/v1/models", new Heard(401, """{"error":"Unauthorized"}"""))));
        Assert.Equal(new IdentityStep.Known("localai", null), Identify(["/readyz", "OK"], new(401, "")));
        Assert.Equal(new IdentityStep.Known("llamacpp", null), Identify([], new(401, """{"error":{"code":401,"message":"Invalid API Key","type":"authentication_error"}}""")));
        Assert.Equal(new IdentityStep.Known("jan", "0.8.6"), Identify(["/openapi.json", """{"info":{"title":"Jan API","version":"0.8.6"}}"""], new(401, "Invalid or missing authorization token")));
    }

    [Fact]
    public void Whoever_lists_models_like_Ollama_without_a_version_is_not_Ollama() =>
        Assert.IsType<IdentityStep.Unknown>(Identify(["/api/tags", """{"models":[]}"""], s_nothing));

    [Fact]
    public void No_path_is_asked_twice()
    {
        var asked = new List<string>();
        Identify([], s_nothing, asked);

        Assert.Equal(asked.Distinct(), asked);
        Assert.Equal("/api/extra/version", asked[0]);
    }

    private static IdentityStep Identify(string[] pathsAndAnswers, Heard otherwise, params (string Path, Heard Said)[] more) => Identify(pathsAndAnswers, otherwise, [], more);

    private static IdentityStep Identify(string[] pathsAndAnswers, Heard otherwise, List<string> asked, params (string Path, Heard Said)[] more)
    {
        var answers = pathsAndAnswers.Chunk(2).ToDictionary(pair => pair[0], pair => new Heard(200, pair[1]));
        foreach (var (path, said) in more) answers[path] = said;
        var heard = new Dictionary<string, Heard>();
        while (EngineIdentity.Next(heard) is var step)
        {
            if (step is not IdentityStep.Ask(var path)) return step;
            asked.Add(path);
            heard[path] = answers.GetValueOrDefault(path) ?? otherwise;
        }

        throw new InvalidOperationException();
    }
}
