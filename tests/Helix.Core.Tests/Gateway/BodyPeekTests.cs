using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public class BodyPeekTests
{
    private static readonly Gen<string> s_text = Gen.OneOf(
        Gen.String[Gen.Char.AlphaNumeric, 0, 12], Gen.OneOf("", "\"", "\\", "é", "日本", "😀", "\u0000", "model", "}{", "a\"b\\c"));

    private static readonly Gen<JsonNode?> s_node = Gen.Recursive<JsonNode?>((depth, node) => depth > 3
        ? s_text.Select(text => (JsonNode?)text)
        : Gen.Frequency(
            (3, s_text.Select(text => (JsonNode?)text)),
            (2, Gen.Double[-1e6, 1e6].Select(number => (JsonNode?)number)),
            (1, Gen.Bool.Select(flag => (JsonNode?)flag)),
            (1, Gen.Const((JsonNode?)null)),
            (2, node.Array[0, 4].Select(items => (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())]))),
            (2, Gen.Select(s_text, node).Array[0, 4].Select(members => (JsonNode?)Object(members)))));

    private static readonly Gen<JsonObject> s_object =
        Gen.Select(s_text.Where(name => name is not ("model" or "stream")), s_node).Array[0, 8].Select(Object);

    [Theory]
    [InlineData("""{"model":"m","stream":true}""", "m", true)]
    [InlineData("""{"model":null,"stream":true}""", null, true)]
    [InlineData("""{"messages":[{"model":"inner"}],"model":"outer"}""", "outer", false)]
    [InlineData("""{"mod\u0065l":"escaped"}""", "escaped", false)]
    [InlineData("""{"stream":null}""", null, false)]
    [InlineData(" \n{ } ", null, false)]
    public void It_reads_model_and_stream_at_the_top_only(string body, string? model, bool stream)
    {
        var facts = Good(body);

        Assert.Equal(model, facts.Model);
        Assert.Equal(stream, facts.Stream);
    }

    [Theory]
    [InlineData("""{"tools":[{"type":"function"}]}""", true)]
    [InlineData("""{"tools":[]}""", false)]
    [InlineData("""{"tools":null}""", false)]
    [InlineData("""{"functions":[{}]}""", true)]
    [InlineData("""{"response_format":{"type":"json_object"}}""", false)]
    [InlineData("""{"response_format":{"json_schema":{"type":"x"},"type":"json_schema"}}""", true)]
    [InlineData("""{"response_format":"json_schema"}""", false)]
    public void It_tells_tools_and_schemas(string body, bool structured) => Assert.Equal(structured, Good(body).Needs != ModelAbilities.None);

    [Theory]
    [InlineData("""{"model":"a","model":"b"}""", "model")]
    [InlineData("""{"model":"a","mod\u0065l":"b"}""", "model")]
    [InlineData("""{"stream":true,"stream":true}""", "stream")]
    [InlineData("""{"model":7}""", "model")]
    [InlineData("""{"model":null,"model":"b"}""", "model")]
    [InlineData("""{"model":{"id":"a"}}""", "model")]
    [InlineData("""{"stream":"yes"}""", "stream")]
    [InlineData("""[1]""", null)]
    [InlineData("""{"a":1} x""", null)]
    [InlineData("""{"a":1""", null)]
    [InlineData("", null)]
    [InlineData("null", null)]
    [InlineData("""{"model":"\ud800"}""", null)]
    [InlineData("""{"\ud800":1}""", null)]
    [InlineData("""{"a":1,}""", null)]
    [InlineData("""{/**/"a":1}""", null)]
    public void What_is_wrong_is_refused_with_its_parameter(string body, string? param)
    {
        var error = Assert.IsType<BodyLook.Bad>(BodyPeek.Look(Encoding.UTF8.GetBytes(body))).Error;

        Assert.Equal(400, error.Status);
        Assert.Equal(param, error.Param);
    }

    [Fact]
    public void Nesting_beyond_the_limit_is_refused()
    {
        string Nested(int depth) => $$"""{"a":{{new string('[', depth)}}{{new string(']', depth)}}}""";

        Assert.IsType<BodyLook.Good>(BodyPeek.Look(Encoding.UTF8.GetBytes(Nested(BodyPeek.MaxDepth - 1))));
        Assert.IsType<BodyLook.Bad>(BodyPeek.Look(Encoding.UTF8.GetBytes(Nested(BodyPeek.MaxDepth))));
        Assert.IsType<BodyLook.Bad>(BodyPeek.Look(Encoding.UTF8.GetBytes(Nested(200_000))));
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused() =>
        Assert.All(new[] { 0, 1, 15, 16, 40 }, before =>
        {
            byte[] around = [.. Enumerable.Repeat((byte)'x', before)];
            Assert.IsType<BodyLook.Bad>(BodyPeek.Look([.. "{\"a\":\""u8, .. around, 0xff, 0xc0, .. around, .. "\"}"u8]));
            Assert.IsType<BodyLook.Bad>(BodyPeek.Look([.. "{\"messages\":[\""u8, .. around, 0xc3, .. "\",\""u8, .. around, .. "\"]}"u8]));
            Assert.IsType<BodyLook.Bad>(BodyPeek.Look([.. "{\""u8, .. around, 0xff, .. around, .. "\":1}"u8]));
        });

    [Fact]
    public void A_splice_changes_the_model_and_nothing_else() =>
        Gen.Select(s_object, s_text, s_text, Gen.Int[0, 8], Gen.Bool).Sample((others, model, upstream, at, indented) =>
        {
            var members = others.Select(member => (member.Key, Value: member.Value?.DeepClone())).ToList();
            members.Insert(Math.Min(at, members.Count), ("model", model));
            var before = Object(members);
            var body = Bytes(before, indented);

            var after = (JsonObject)JsonNode.Parse(Spliced(body, upstream))!;

            before["model"] = upstream;
            return JsonNode.DeepEquals(before, after) && before.Select(member => member.Key).SequenceEqual(after.Select(member => member.Key));
        });

    [Fact]
    public void Where_no_model_is_named_one_is_put_in() =>
        Gen.Select(s_object, s_text, Gen.Bool).Sample((others, upstream, indented) =>
        {
            var after = (JsonObject)JsonNode.Parse(Spliced(Bytes(others, indented), upstream))!;

            var named = after["model"]!.GetValue<string>();
            after.Remove("model");
            return named == upstream && JsonNode.DeepEquals(others, after);
        });

    [Fact]
    public void A_model_of_null_is_named_in_its_place()
    {
        var body = """{"x":1,"model":null,"y":2}"""u8.ToArray();
        var splice = ModelSplice.For(Assert.IsType<BodyLook.Good>(BodyPeek.Look(body)).Facts, "m");

        Assert.Equal("""{"x":1,"model":"m","y":2}"""u8, [.. body.AsSpan(0, splice.Start), .. splice.Insert.Span, .. body.AsSpan(splice.Resume)]);
    }

    [Fact]
    public void A_body_that_names_the_engines_model_already_stays_the_same_bytes()
    {
        var body = """{ "x": 1,"model" : "same" }"""u8.ToArray();

        Assert.Equal(body, Spliced(body, "same"));
    }

    [Theory]
    [InlineData("""{"temperature":0}""", true)]
    [InlineData("""{"temperature":0.0,"n":1}""", true)]
    [InlineData("""{"temperature":-0}""", true)]
    [InlineData("""{"temperature":0e5}""", true)]
    [InlineData("""{"temperature":0.0000000000000000000000}""", true)]
    [InlineData("""{"temperature":0.0000000000000000000001}""", false)]
    [InlineData("""{"temperature":10e-1}""", false)]
    [InlineData("""{"seed":7,"temperature":1}""", true)]
    [InlineData("""{}""", false)]
    [InlineData("""{"temperature":0.1}""", false)]
    [InlineData("""{"temperature":null}""", false)]
    [InlineData("""{"temperature":"0"}""", false)]
    [InlineData("""{"seed":-1}""", false)]
    [InlineData("""{"seed":4294967295}""", false)]
    [InlineData("""{"seed":null}""", false)]
    [InlineData("""{"temperature":0,"n":2}""", false)]
    [InlineData("""{"temperature":0,"best_of":3}""", false)]
    [InlineData("""{"temperature":0,"temperature":1}""", false)]
    public void It_tells_what_would_be_answered_alike_each_time(string body, bool isSteady) => Assert.Equal(isSteady, Good(body).IsSteady);

    [Fact]
    public void Damaged_bodies_never_throw() =>
        Gen.Select(s_object, Gen.Select(Gen.Int[0, 400], Gen.Byte).Array[0, 6], Gen.Int[0, 400]).Sample((json, damage, cut) =>
        {
            json["model"] = "m";
            var body = Bytes(json, indented: false);
            foreach (var (at, value) in damage) body[at % body.Length] = value;
            BodyPeek.Look(body.AsSpan(0, Math.Min(cut, body.Length)));
        });

    [Fact]
    public void What_is_skipped_of_long_bodies_changes_nothing_of_what_is_told() =>
        Gen.Select(s_object, Gen.Select(Gen.OneOf("messages", "prompt", "tools", "input"), s_node).Array[0, 3], Gen.Select(Gen.Int[0, 400], Gen.OneOf("\"", "\\", "]", "}", ",", " ", "7", "x")).Array[0, 2], Gen.Bool).Sample((others, skipped, damage, indented) =>
        {
            var members = others.Select(member => (member.Key, member.Value)).Concat(skipped.Select(member => (member.Item1, (JsonNode?)member.Item2))).Append(("model", "m")).ToList();
            var text = Encoding.UTF8.GetString(Bytes(Object(members), indented));
            foreach (var (at, piece) in damage) text = text.Insert(at % text.Length, piece);
            var body = Encoding.UTF8.GetBytes(text);

            Assert.Equal(BodyPeek.Look(body, skips: false), BodyPeek.Look(body, skips: true));
        });

    [Fact]
    public void What_clients_write_is_told_as_a_reader_tells_it() =>
        Gen.Select(
            Gen.Select(
                Gen.OneOf(
                    "model", "stream", "messages", "prompt", "input", "tools", "functions", "max_tokens", "max_completion_tokens", "temperature", "seed", "n", "best_of", "response_format", "stop", "user",
                    "stream_options", "logit_bias", "service_tier", "top_p", "parallel_tool_calls", "modalities", "x", "", "mod\\u0065l", "us\\u0065r", "\\ud800", "é", "a\\\"b"),
                Gen.OneOf(
                    "\"m\"", "\"a\\\"b\"", "\"org\\/m\"", "\"\\ud800\"", "\"é日\"", "\"\"", "\"auto\"", "null", "true", "false", "0", "-0.0", "0.7", "0e5", "1", "7", "-1", "4294967295", "1.5", "1e2", "12345678901234567890", "01", "x", "[",
                    "[]", "[ ]", "[1]", "[\"text\"]", "{}", "{\"type\":\"json_schema\"}", "{\"type\":\"text\"}", "{\"a\":[],\"type\":\"json_object\"}", "{\"typ\\u0065\":\"json_schema\"}", "{\"typ\\ud800\":1}", "{\"include_usage\":true}"))
                .Array[0, 8],
            Gen.OneOf("", " ", "\r\n\t"),
            Gen.Int[0, 300]).Sample((members, blank, cut) =>
        {
            var text = $"{blank}{{{string.Join(',', members.Select(member => $"{blank}\"{member.Item1}\"{blank}:{blank}{member.Item2}{blank}"))}}}{blank}";
            foreach (var each in new[] { text, text[..Math.Min(cut, text.Length)] })
            {
                var body = Encoding.UTF8.GetBytes(each);
                Assert.Equal(BodyPeek.Look(body, skips: false), BodyPeek.Look(body, skips: true));
            }
        });

    [Fact]
    public void Each_model_keeps_its_name_however_many_there_are()
    {
        for (var round = 0; round < 2; round++)
            foreach (var name in Enumerable.Range(0, 500).Select(number => number % 3 == 0 ? $"é{number}" : $"m{number}")) Assert.Equal(name, Good($$"""{"model":"{{name}}"}""").Model);
    }

    [Fact]
    public void A_long_body_is_read_like_a_short_one()
    {
        var body = $$"""{"messages": [{"content":"{{string.Concat(Enumerable.Repeat("line\\n", 1000))}}"}], "tools":[ ],"stream":true,"model":"m"}""";

        var facts = Good(body);

        Assert.Equal(("m", true, ModelAbilities.None), (facts.Model, facts.Stream, facts.Needs));
        Assert.StartsWith("[{\"content\":\"line", body[facts.Prompt], StringComparison.Ordinal);
        Assert.EndsWith("\"}]", body[facts.Prompt], StringComparison.Ordinal);
        Assert.Equal("[ ]", body[facts.Tools]);
    }

    private static JsonObject Object(IEnumerable<(string Key, JsonNode? Value)> members)
    {
        var json = new JsonObject();
        foreach (var (key, value) in members) json[key] = value?.DeepClone();
        return json;
    }

    private static byte[] Bytes(JsonNode node, bool indented) =>
        Encoding.UTF8.GetBytes(node.ToJsonString(new() { WriteIndented = indented }));

    private static BodyFacts Good(string body) => Assert.IsType<BodyLook.Good>(BodyPeek.Look(Encoding.UTF8.GetBytes(body))).Facts;

    private static byte[] Spliced(byte[] body, string upstream)
    {
        var splice = ModelSplice.For(Assert.IsType<BodyLook.Good>(BodyPeek.Look(body)).Facts, upstream);
        byte[] spliced = [.. body[..splice.Start], .. splice.Insert.Span, .. body[splice.Resume..]];
        Assert.Equal(splice.LengthFor(body.Length), spliced.Length);
        return spliced;
    }
}
