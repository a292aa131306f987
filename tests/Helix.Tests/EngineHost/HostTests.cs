using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Helix.Core.Models;
using Helix.EngineHost;
using Microsoft.AspNetCore.Http;

namespace Helix.Tests.EngineHost;

public sealed class HostTests
{
    private const string Hello = """{"messages":[{"role":"user","content":"hello"}],"temperature":0""";

    [Fact]
    public async Task A_chat_is_answered_whole()
    {
        await using var host = await TestHost.SayingAsync("Good day to you");

        var (status, body) = await host.PostAsync("/v1/chat/completions", Hello + "}");

        Assert.Equal(200, status);
        Assert.Equal("test-model", body.GetProperty("model").GetString());
        var choice = body.GetProperty("choices")[0];
        Assert.Equal("Good day to you", choice.GetProperty("message").GetProperty("content").GetString());
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(4, body.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task A_chat_is_streamed_token_by_token_in_openais_events()
    {
        await using var host = await TestHost.SayingAsync("Good \"day\" to 😀");

        var events = await host.StreamAsync("/v1/chat/completions", Hello + ""","stream":true,"stream_options":{"include_usage":true}}""");

        Assert.Equal("[DONE]", events[^1]);
        var json = events[..^1].Select(data => JsonDocument.Parse(data).RootElement).ToList();
        Assert.Equal("assistant", json[0].GetProperty("choices")[0].GetProperty("delta").GetProperty("role").GetString());
        Assert.Equal("Good \"day\" to 😀", string.Concat(json[1..^2].Select(one => one.GetProperty("choices")[0].GetProperty("delta").GetProperty("content").GetString())));
        Assert.All(json[..^2], one => Assert.Equal(JsonValueKind.Null, one.GetProperty("choices")[0].GetProperty("finish_reason").ValueKind));
        Assert.Equal("stop", json[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(0, json[^1].GetProperty("choices").GetArrayLength());
        Assert.True(json[^1].GetProperty("usage").GetProperty("prompt_tokens").GetInt32() > 10);
        Assert.Single(json.Select(one => one.GetProperty("id").GetString()).Distinct());
    }

    [Fact]
    public async Task Without_the_wish_for_usage_a_stream_has_none()
    {
        await using var host = await TestHost.SayingAsync("Good day");

        var events = await host.StreamAsync("/v1/completions", """{"prompt":"x","temperature":0,"stream":true}""");

        Assert.DoesNotContain(events, data => data.Contains("usage", StringComparison.Ordinal));
        Assert.Equal(["Good", " day", ""], events[..^1].Select(data => JsonDocument.Parse(data).RootElement.GetProperty("choices")[0].GetProperty("text").GetString()));
    }

    [Theory]
    [InlineData("""{"prompt":"x","temperature":0}""")]
    [InlineData("""{"prompt":["x"],"temperature":0,"n":1,"logprobs":null,"echo":false,"user":"me","logit_bias":{},"stop":null}""")]
    [InlineData("""{"prompt":[1,2,300],"temperature":0}""")]
    [InlineData("""{"prompt":[[1,2,300]],"temperature":0}""")]
    public async Task A_prompt_may_be_text_or_tokens(string body)
    {
        await using var host = await TestHost.SayingAsync("Good day");

        var (status, answer) = await host.PostAsync("/v1/completions", body.Replace("300", "65", StringComparison.Ordinal));

        Assert.Equal(200, status);
        Assert.Equal("Good day", answer.GetProperty("choices")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task Text_parts_are_one_message_and_a_stop_string_ends_the_answer()
    {
        await using var host = await TestHost.SayingAsync("One two three");

        var (_, body) = await host.PostAsync(
            "/v1/chat/completions", """{"messages":[{"role":"developer","content":"a"},{"role":"user","content":[{"type":"text","text":"b"},{"type":"text","text":"c"}]}],"stop":[" three"],"temperature":0}""");

        Assert.Equal("One two", body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
    }

    [Fact]
    public async Task A_prompt_longer_than_the_context_is_refused_with_both_numbers()
    {
        await using var host = await TestHost.SayingAsync("One two three", context: 256);

        var (status, body) = await host.PostAsync("/v1/completions", $$"""{"prompt":"{{new string('x', 400)}}"}""");

        Assert.Equal(400, status);
        var error = body.GetProperty("error");
        Assert.Equal("context_length_exceeded", error.GetProperty("code").GetString());
        Assert.Contains("401", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("256", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":"TEXT"}]}""")]
    [InlineData("/v1/completions", """{"prompt":"TEXT"}""")]
    [InlineData("/v1/embeddings", """{"input":["short","TEXT"]}""")]
    [InlineData("/tokenize", """{"content":"TEXT"}""")]
    public async Task A_text_of_megabytes_is_refused_without_being_tokenized_to_its_end(string path, string body)
    {
        await using var host = await TestHost.SayingAsync("One two three");

        var (status, refused) = await host.PostAsync(path, body.Replace("TEXT", new string('a', 3_000_000), StringComparison.Ordinal)).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        Assert.Equal(400, status);
        Assert.Equal("context_length_exceeded", refused.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_large_body_is_never_dealt_with_on_the_thread_that_brought_it()
    {
        var pipe = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false));
        var http = new DefaultHttpContext { Request = { Body = pipe.Reader.AsStream() } };
        var reading = ReadAsync();
        var sockets = new Thread(() =>
        {
            pipe.Writer.Write(Encoding.UTF8.GetBytes($$"""{"prompt":"{{new string('a', 100_000)}}"}"""));
            pipe.Writer.Complete();
        });

        sockets.Start();
        sockets.Join();

        Assert.NotEqual(sockets.ManagedThreadId, await reading);

        async Task<int> ReadAsync()
        {
            using var body = await RequestBody.ReadAsync(http, []);
            Assert.NotNull(body);
            return Environment.CurrentManagedThreadId;
        }
    }

    [Fact]
    public async Task A_client_that_leaves_frees_its_slot()
    {
        await using var host = await TestHost.SayingAsync(string.Join(' ', Enumerable.Range(0, 20_000).Select(number => $"word{number}")), slots: 1, context: 32_000);
        using var content = new StringContent("""{"prompt":"x","temperature":0,"stream":true}""", Encoding.UTF8, "application/json");
        using (var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = content })
        using (var response = await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken))
            Assert.True(response.IsSuccessStatusCode);

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await host.MetricAsync("requests_running") > 0)
            patience.Token.ThrowIfCancellationRequested();

        Assert.True(await host.MetricAsync("completion_tokens_total") < 20_000);
    }

    [Fact]
    public async Task More_clients_than_slots_and_places_in_the_queue_are_told_to_come_again()
    {
        await using var host = await TestHost.SayingAsync(string.Join(' ', Enumerable.Range(0, 3_000).Select(number => $"word{number}")), slots: 1, context: 8192);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => host.PostAsync("/v1/completions", """{"prompt":"x","temperature":0}""")));

        Assert.Contains(answers, answer => answer.Status == 429 && answer.Body.GetProperty("error").GetProperty("code").GetString() == "queue_full");
        Assert.True(answers.Count(answer => answer.Status == 200) >= 3);
    }

    [Fact]
    public async Task Embeddings_beyond_the_queue_are_told_to_come_again()
    {
        await using var host = await TestHost.SayingAsync("x", slots: 1, context: 512);
        var texts = string.Join(',', Enumerable.Range(0, 200).Select(number => $"\"{number} {new string('y', 300)}\""));

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => host.PostAsync("/v1/embeddings", $$"""{"input":[{{texts}}]}""")));

        Assert.Contains(answers, answer => answer.Status == 429 && answer.Body.GetProperty("error").GetProperty("code").GetString() == "queue_full");
        Assert.True(answers.Count(answer => answer.Status == 200) >= 3);
    }

    [Fact]
    public async Task While_the_model_is_loaded_health_says_how_far_it_is()
    {
        await using var host = await TestHost.StartAsync(ScriptedGguf.Make("x"), load: false);

        using var response = await host.Http.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(503, (int)response.StatusCode);
        Assert.Equal("""{"status":"loading","progress":0}""", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("model_not_ready", (await host.PostAsync("/v1/completions", """{"prompt":"x"}""")).Body.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task The_model_is_listed_with_what_it_can_do()
    {
        await using var host = await TestHost.SayingAsync("x");

        var models = JsonDocument.Parse(await host.Http.GetStringAsync(new Uri("/v1/models", UriKind.Relative), TestContext.Current.CancellationToken)).RootElement;

        var model = models.GetProperty("data")[0];
        Assert.Equal("test-model", model.GetProperty("id").GetString());
        Assert.Equal("chatml", model.GetProperty("meta").GetProperty("template").GetString());
        Assert.Equal(["chat", "completion", "embeddings"], model.GetProperty("meta").GetProperty("abilities").EnumerateArray().Select(ability => ability.GetString()));
    }

    [Fact]
    public async Task Embeddings_are_equal_for_equal_texts_in_either_encoding()
    {
        await using var host = await TestHost.SayingAsync("x");

        var (_, plain) = await host.PostAsync("/v1/embeddings", """{"input":["the sun","the moon","the sun"],"model":"any"}""");
        var (_, encoded) = await host.PostAsync("/v1/embeddings", """{"input":"the sun","encoding_format":"base64"}""");

        string Vector(int index) => plain.GetProperty("data")[index].GetProperty("embedding").GetRawText();
        Assert.Equal(Vector(0), Vector(2));
        Assert.NotEqual(Vector(0), Vector(1));
        var bytes = encoded.GetProperty("data")[0].GetProperty("embedding").GetBytesFromBase64();
        Assert.Equal(plain.GetProperty("data")[0].GetProperty("embedding")[3].GetSingle(), BitConverter.ToSingle(bytes, 12));
    }

    [Fact]
    public async Task Text_becomes_tokens()
    {
        await using var host = await TestHost.SayingAsync("x");

        var (_, body) = await host.PostAsync("/tokenize", """{"content":"a<|im_end|>"}""");

        Assert.Equal("""{"tokens":[102,4]}""", body.GetRawText());
    }

    [Fact]
    public async Task Json_can_be_asked_for()
    {
        await using var host = await TestHost.SayingAsync("""{"ok": true}""");

        var (_, body) = await host.PostAsync("/v1/chat/completions", Hello + ""","response_format":{"type":"json_object"}}""");

        Assert.Equal("""{"ok": true}""", body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
    }

    [Fact]
    public async Task A_model_without_a_known_template_still_completes_text()
    {
        await using var host = await TestHost.StartAsync(ScriptedGguf.Make("Good day", chatTemplate: "{{ my.own.thing }}"));

        var (status, chat) = await host.PostAsync("/v1/chat/completions", Hello + "}");
        var (_, text) = await host.PostAsync("/v1/completions", """{"prompt":"x","temperature":0}""");

        Assert.Equal(400, status);
        Assert.Contains("my.own.thing", chat.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("Good day", text.GetProperty("choices")[0].GetProperty("text").GetString());
    }
}
