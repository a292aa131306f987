using System.Text;
using System.Text.Json;
using Helix.Core.Clouds;
using Helix.Core.Gateway;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Tests.Gateway;

/// <summary>Whatever a body holds, each dialect refuses it in words or makes a request of it that every engine can read.</summary>
public sealed class HostileRequestTests
{
    private const int MostShown = 2000;

    private const string OpenAi = """
        {"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:x"}}]}],"max_tokens":8,"temperature":0,
        "seed":1,"n":1,"stop":["a"],"stream":true,"stream_options":{"include_usage":true},"tools":[{"type":"function","function":{"name":"f","parameters":{}}}],"response_format":{"type":"json_schema","json_schema":{}}}
        """;

    private const string Calls = """
        {"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","name":"n","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},{"type":"image_url","image_url":{"url":"data:image/png;base64,aa"}}]},
        {"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"r"}],"max_tokens":8,"temperature":0,"stop":["a"],"n":1,
        "seed":1,"stream":true,"stream_options":{"include_usage":true},"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],"tool_choice":"auto","response_format":{"type":"json_schema","json_schema":{"schema":{}}}}
        """;

    private const string Messages = """
        {"model":"m","max_tokens":8,"system":[{"type":"text","text":"s"}],"stream":true,"temperature":0.5,"top_k":1,"stop_sequences":["a"],"metadata":{"user_id":"u"},"container":null,
        "tools":[{"name":"f","description":"d","input_schema":{"type":"object"}}],"tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true},"output_format":{"type":"json_schema","schema":{}},
        "messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"aa"}},{"type":"document","source":{"type":"text","data":"d"}}]},
        {"role":"assistant","content":[{"type":"thinking","thinking":"t"},{"type":"text","text":"b"},{"type":"tool_use","id":"1","name":"f","input":{"x":1}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":[{"type":"text","text":"r"},{"type":"image","source":{"type":"url","url":"u"}}]}]}]}
        """;

    private const string Responses = """
        {"model":"m","instructions":"s","max_output_tokens":8,"temperature":0.5,"stream":true,"metadata":{"a":"b"},"previous_response_id":null,"background":false,"parallel_tool_calls":true,
        "tools":[{"type":"function","name":"f","description":"d","parameters":{},"strict":true}],"tool_choice":{"type":"function","name":"f"},"text":{"format":{"type":"json_schema","name":"x","schema":{}}},
        "input":[{"role":"developer","content":"s"},{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"u","detail":"low"}]},{"type":"reasoning","content":[{"type":"reasoning_text","text":"t"}]},
        {"type":"message","role":"assistant","content":[{"type":"output_text","text":"b"},{"type":"refusal","refusal":"c"}]},{"type":"function_call","call_id":"1","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"1","output":"r"}]}
        """;

    private const string Chat = """
        {"model":"m","stream":false,"format":{"type":"object"},"keep_alive":"5m","options":{"temperature":0,"num_predict":8,"stop":["a"],"num_ctx":9},"tools":[{"type":"function","function":{"name":"f"}}],
        "messages":[{"role":"system","content":"s"},{"role":"user","content":"a","images":["aa"]},{"role":"assistant","content":"","thinking":"t","tool_calls":[{"id":"1","function":{"name":"f","arguments":{"x":1}}}]},{"role":"tool","tool_name":"f","content":"r"}]}
        """;

    private const string Generate = """{"model":"m","prompt":"a","suffix":"c","system":"s","raw":false,"images":["aa"],"stream":true,"format":"json","keep_alive":0,"options":{"seed":1,"num_predict":-1}}""";
    private const string Embed = """{"model":"m","input":["a","b"],"truncate":true,"dimensions":4,"options":{}}""";
    private const string EmbedOne = """{"model":"m","prompt":"a","keep_alive":"5m"}""";

    private static readonly int s_rounds = Environment.GetEnvironmentVariable("HELIX_TEST_LONG") is { Length: > 0 } ? 200_000 : 1500;

    private static readonly int s_seed = int.TryParse(Environment.GetEnvironmentVariable("HELIX_TEST_SEED"), System.Globalization.CultureInfo.InvariantCulture, out var given) ? given : 1;

    [Theory]
    [InlineData("openai", OpenAi)]
    [InlineData("to_anthropic", Calls)]
    [InlineData("messages", Messages)]
    [InlineData("count_tokens", Messages)]
    [InlineData("responses", Responses)]
    [InlineData("chat", Chat)]
    [InlineData("generate", Generate)]
    [InlineData("embed", Embed)]
    [InlineData("embeddings", EmbedOne)]
    public void Any_body_is_refused_in_words_or_becomes_a_request_that_engines_can_read(string dialect, string good)
    {
        Assert.IsType<Translated.Good>(Read(dialect, Encoding.UTF8.GetBytes(good)));
        for (var round = 0; round < s_rounds; round++)
        {
            var body = HostileJson.Of(good, new Random(s_seed + round));
            try
            {
                Check(Read(dialect, body));
            }
            catch (Exception broken)
            {
                Assert.Fail($"HELIX_TEST_SEED={s_seed + round}, {dialect}: {broken}\n{Encoding.Latin1.GetString(body.AsSpan(0, Math.Min(body.Length, MostShown)))}");
            }
        }
    }

    private static Translated Read(string dialect, byte[] body) => dialect switch
    {
        "openai" => new Translated.Good(body, []),
        "to_anthropic" => ToAnthropic(body),
        "messages" => AnthropicRequest.Translate(body, contextOf: _ => 2048),
        "count_tokens" => AnthropicRequest.Translate(body, countOnly: true),
        "responses" => ResponsesRequest.Translate(body),
        "chat" => OllamaRequest.Chat(body),
        "generate" => OllamaRequest.Generate(body),
        "embed" => OllamaRequest.Embed(body),
        "embeddings" => OllamaRequest.EmbedOne(body),
        _ => throw new ArgumentOutOfRangeException(nameof(dialect)),
    };

    /// <summary>What it may cost can be told of anything, too.</summary>
    private static Translated ToAnthropic(byte[] body)
    {
        var read = MessagesRequest.Translate(body, "claude", 1000);
        if (read is Translated.Good(var told, _)) Assert.Equal(1, MessagesQuestion.Of(told).Answers);
        if (BodyPeek.Look(body) is BodyLook.Good) Assert.Equal(1, MessagesQuestion.Of(body).Answers);
        return read;
    }

    private static void Check(Translated read)
    {
        switch (read)
        {
            case Translated.Bad(var error):
                Refused(error);
                break;
            case Translated.Loads(var model, _):
                Assert.NotEmpty(model);
                break;
            case Translated.Good(var body, _) good:
                if (good.Echoes.Length > 0) JsonDocument.Parse(good.Echoes).Dispose();
                if (BodyPeek.Look(body) is BodyLook.Good(var facts)) Sent(body, facts, good.Route);
                else Refused(Assert.IsType<BodyLook.Bad>(BodyPeek.Look(body)).Error);
                break;
        }
    }

    private static void Refused(GatewayError error)
    {
        Assert.Equal(400, error.Status);
        Assert.NotEmpty(error.Message);
    }

    private static void Sent(byte[] body, BodyFacts facts, InferenceRoute route)
    {
        var splice = ModelSplice.For(facts, "an engine's own name");
        byte[] sent = [.. body[..splice.Start], .. splice.Insert.Span, .. body[splice.Resume..]];
        Assert.Equal(splice.LengthFor(body.Length), sent.Length);
        JsonDocument.Parse(sent, new JsonDocumentOptions { MaxDepth = BodyPeek.MaxDepth }).Dispose();
        Assert.InRange(PromptBlocks.Of(body, facts).Chain.Length, 0, PromptBlocks.Most);
        try
        {
            Assert.NotEmpty(AnswerKey.Of("", route, "m", body));
        }
        catch (InvalidOperationException)
        {
            // half of a character somewhere in it: such an answer is not kept
        }
    }
}
