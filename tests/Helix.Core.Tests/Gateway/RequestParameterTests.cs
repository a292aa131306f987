using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class RequestParameterTests
{
    /// <summary>All that a manifest may name and that is a member of a body.</summary>
    public static TheoryData<string> Members => [.. ParameterTable.Words.Where(word => word != "json_object")];

    [Theory]
    [MemberData(nameof(Members))]
    public void Each_is_seen_in_a_body_and_asks_for_nothing_where_it_is_null(string name)
    {
        Assert.Equal((name, ""), Seen($$"""{"model":"m","{{name}}":null}"""));
        Assert.Equal((name, name), Seen($$"""{"tools":[1],"{{name}}":7}"""));
        Assert.Equal(("", ""), Seen($$"""{"messages":[{"{{name}}":7}],"x{{name}}":7}"""));
    }

    [Theory]
    [InlineData("\"n\":1", "n", "")]
    [InlineData("\"n\":2", "n", "n")]
    [InlineData("\"n\":1,\"n\":2", "n", "n")]
    [InlineData("\"\\u006e\":2", "n", "n")]
    [InlineData("\"best_of\":1,\"top_p\":1.0", "best_of,top_p", "")]
    [InlineData("\"logprobs\":false,\"top_logprobs\":0", "logprobs,top_logprobs", "")]
    [InlineData("\"logprobs\":true,\"top_logprobs\":3", "logprobs,top_logprobs", "logprobs,top_logprobs")]
    [InlineData("\"presence_penalty\":0,\"frequency_penalty\":0.0,\"min_p\":0,\"top_k\":-1", "frequency_penalty,min_p,presence_penalty,top_k", "")]
    [InlineData("\"presence_penalty\":0.5", "presence_penalty", "presence_penalty")]
    [InlineData("\"stop\":[],\"logit_bias\":{},\"suffix\":\"\",\"echo\":false", "echo,logit_bias,stop,suffix", "")]
    [InlineData("\"stop\":[\"a\"],\"logit_bias\":{\"5\":1},\"suffix\":\"x\",\"echo\":true", "echo,logit_bias,stop,suffix", "echo,logit_bias,stop,suffix")]
    [InlineData("\"seed\":7", "seed", "seed")]
    [InlineData("\"seed\":-1", "seed", "")]
    [InlineData("\"seed\":7,\"temperature\":0", "seed", "")]
    [InlineData("\"temperature\":0,\"seed\":7,\"temperature\":1", "seed", "seed")]
    [InlineData("\"parallel_tool_calls\":false", "parallel_tool_calls", "")]
    [InlineData("\"parallel_tool_calls\":false,\"tools\":[1]", "parallel_tool_calls", "parallel_tool_calls")]
    [InlineData("\"parallel_tool_calls\":true,\"tools\":[1]", "parallel_tool_calls", "")]
    [InlineData("\"stream_options\":{\"include_usage\":false}", "stream_options", "")]
    [InlineData("\"stream_options\":{\"x\":false,\"include_usage\":true}", "stream_options", "stream_options")]
    [InlineData("\"modalities\":[\"text\"]", "modalities", "")]
    [InlineData("\"modalities\":[\"text\",\"audio\"]", "modalities", "modalities")]
    [InlineData("\"service_tier\":\"auto\",\"store\":false", "service_tier,store", "")]
    [InlineData("\"service_tier\":\"flex\",\"store\":true", "service_tier,store", "service_tier,store")]
    [InlineData("\"response_format\":{\"type\":\"text\"}", "response_format", "")]
    [InlineData("\"response_format\":{\"type\":\"json_object\"}", "response_format", "response_format")]
    [InlineData("\"response_format\":{\"schema\":{},\"type\":\"json_schema\"}", "response_format", "response_format")]
    [InlineData("\"encoding_format\":\"float\"", "encoding_format", "")]
    public void What_clients_write_where_they_mean_nothing_asks_for_nothing(string members, string named, string asked) => Assert.Equal((named, asked), Seen($$"""{{{members}}}"""));

    [Fact]
    public void Json_without_a_schema_is_told_from_json_with_one()
    {
        Assert.True(Facts("""{"response_format":{"type":"json_object"}}""").Asked.HasFlag(RequestParameters.JsonObject));
        Assert.False(Facts("""{"response_format":{"type":"json_schema","json_schema":{}}}""").Asked.HasFlag(RequestParameters.JsonObject));
    }

    [Fact]
    public void The_same_names_mean_something_else_where_pictures_are_made()
    {
        var facts = Facts("""{"prompt":"a cat","n":2,"user":"me"}""");

        Assert.Equal(facts, InferenceRoute.Completion.Seen(facts, 40));
        Assert.Equal((RequestParameters.None, RequestParameters.None), (InferenceRoute.Images.Seen(facts, 40).Named, InferenceRoute.Images.Seen(facts, 40).Asked));
    }

    [Theory]
    [InlineData("""{"user":"u", "a":1 ,"n":2}""", """{"a":1 ,"n":2}""")]
    [InlineData("""{"a":{"user":"mine"},"user":"u"}""", """{"a":{"user":"mine"}}""")]
    [InlineData("""{"user":"u","us\u0065r":[1,{"x":"}"}],"a":"\u0061"}""", """{"a":"\u0061"}""")]
    [InlineData(""" { "user" : "u" } """, """ { } """)]
    [InlineData("""{}""", """{}""")]
    public void A_member_is_cut_out_and_every_other_byte_stays(string body, string rest)
    {
        var (cut, facts) = MemberCut.Without(Encoding.UTF8.GetBytes(body), Facts(body), RequestParameters.User);

        Assert.Equal(rest, Encoding.UTF8.GetString(cut.Span));
        Assert.Equal(rest.Contains(':', StringComparison.Ordinal), facts.HasMembers);
    }

    [Fact]
    public void What_is_left_is_the_request_without_what_was_cut_and_its_model_is_named_as_ever() =>
        Gen.Select(Gen.OneOf("model", "user", "n", "x", "stop", "suffix", "tools").Array[0, 9], Gen.Int[0, 9], Gen.Bool).Sample((names, number, indented) =>
        {
            var before = new JsonObject();
            foreach (var name in names) before[name] = name == "model" ? (JsonNode)"mine" : new JsonObject { ["user"] = number, ["suffix"] = new JsonArray(number, "}") };
            var body = Encoding.UTF8.GetBytes(before.ToJsonString(new() { WriteIndented = indented }));

            var (rest, facts) = MemberCut.Without(body, Facts(Encoding.UTF8.GetString(body)), RequestParameters.User | RequestParameters.Suffix);
            var splice = ModelSplice.For(facts, "theirs");
            byte[] sent = [.. rest.Span[..splice.Start], .. splice.Insert.Span, .. rest.Span[splice.Resume..]];

            before.Remove("user");
            before.Remove("suffix");
            if (before.ContainsKey("model")) before["model"] = "theirs";
            else before.Insert(0, "model", "theirs");
            var after = (JsonObject)JsonNode.Parse(sent)!;
            return JsonNode.DeepEquals(before, after) && before.Select(member => member.Key).SequenceEqual(after.Select(member => member.Key));
        });

    [Theory]
    [InlineData("OpenAi", "response_format,parallel_tool_calls,seed,stop,stream_options,user")]
    [InlineData("Responses", "text.format,parallel_tool_calls,seed,stop,user")]
    [InlineData("Anthropic", "output_format,tool_choice.disable_parallel_tool_use,seed,stop_sequences,metadata.user_id")]
    [InlineData("Ollama", "format,options.parallel_tool_calls,options.seed,options.stop,options.user")]
    public void Clients_of_each_dialect_hear_the_names_that_they_wrote(string dialect, string names) => Assert.Equal(
        names,
        string.Join(',', ParameterTable.NamesIn(
            Enum.Parse<ClientDialect>(dialect),
            RequestParameters.Seed | RequestParameters.Stop | RequestParameters.User | RequestParameters.StreamOptions | RequestParameters.ParallelToolCalls | RequestParameters.ResponseFormat | RequestParameters.JsonObject)));

    private static (string Named, string Asked) Seen(string body)
    {
        var facts = Facts(body);
        return (Names(facts.Named), Names(facts.Asked));

        static string Names(RequestParameters several) => string.Join(',', ParameterTable.NamesIn(ClientDialect.OpenAi, several));
    }

    private static BodyFacts Facts(string body) => Assert.IsType<BodyLook.Good>(BodyPeek.Look(Encoding.UTF8.GetBytes(body))).Facts;
}
