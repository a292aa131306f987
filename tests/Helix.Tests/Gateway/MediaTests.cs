using System.Collections.Immutable;
using System.Net;
using System.Text;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Gateway;

/// <summary>Pictures, sounds and rankings: what goes in as a form or as JSON, and what comes back as it was made.</summary>
public sealed class MediaTests : IAsyncLifetime
{
    private const string Transcriptions = "/v1/audio/transcriptions";
    private const string Images = "/v1/images/generations";

    /// <summary>Every byte that there is, and what looks like the end of a part.</summary>
    private static readonly byte[] s_sound = [.. Enumerable.Range(0, 256).Select(number => (byte)number), .. "\r\n--not-the-boundary\r\n"u8, .. Enumerable.Range(0, 100_000).Select(number => (byte)(number * 7))];

    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await GatewayHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_form_reaches_the_engine_byte_by_byte_but_for_the_models_name()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"text":"hello"}"""));
        _host.Fleet.Set(Able("m", ModelAbilities.Transcription, "a") with { Backends = [At("a", "weights.bin")] });
        Name("whisper-1", "m");

        using var response = await SendAsync(Form("whisper-1"), Transcriptions);

        Assert.Equal("""{"text":"hello"}""", await response.Content.ReadAsStringAsync());
        Assert.Equal(("builtin", "m"), (response.Header("x-helix-provider"), response.Header("x-helix-model")));
        var seen = engine.Requests.Single();
        Assert.StartsWith($"POST {Transcriptions} HTTP/1.1\r\n", seen.Head, StringComparison.Ordinal);
        Assert.Contains("content-type: multipart/form-data; boundary=xYz\r\n", seen.Head, StringComparison.Ordinal);
        Assert.Equal(Form("weights.bin"), seen.Bytes);
    }

    [Fact]
    public async Task The_dotnet_client_of_forms_is_understood()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"text":"hello"}"""));
        _host.Fleet.Set(Able("m", ModelAbilities.Translation, "a") with { Backends = [At("a", "other")] });
        using var form = new MultipartFormDataContent { { new StringContent("auto"), "model" }, { new ByteArrayContent(s_sound), "file", "größe.wav" } };

        using var response = await _host.Client.PostAsync("/v1/audio/translations", form);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("\r\n\r\nother\r\n", engine.Requests.Single().Body, StringComparison.Ordinal);
        Assert.True(engine.Requests.Single().Bytes.AsSpan().IndexOf(s_sound) > 0);
    }

    [Fact]
    public async Task Sounds_and_pictures_come_as_they_were_made()
    {
        await using var engine = _host.Engine("a", talk => talk.BytesAsync(s_sound, "audio/wav"));
        _host.Fleet.Set(Able("m", ModelAbilities.Speech, "a"));

        // it is no stream of events that its client means
        using var response = await _host.PostAsync("""{"model":"m","input":"Hello","stream":true}""", "/v1/audio/speech");

        Assert.Equal("audio/wav", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(s_sound.Length, response.Content.Headers.ContentLength);
        Assert.Equal(s_sound, await response.Content.ReadAsByteArrayAsync());
        Assert.Equal((0, 0, 0), await TokensAsync());
    }

    [Fact]
    public async Task A_sound_is_heard_while_it_is_made()
    {
        var next = new SemaphoreSlim(0);
        await using var engine = _host.Engine("a", async talk =>
        {
            await talk.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: audio/pcm\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
            await next.WaitAsync(Eventually.Limit);
            await talk.SendAsync("3\r\ntwo\r\n0\r\n\r\n");
        });
        _host.Fleet.Set(Able("m", ModelAbilities.Speech, "a"));

        using var response = await _host.PostAsync("""{"model":"m","input":"Hello"}""", "/v1/audio/speech");
        var sound = await response.Content.ReadAsStreamAsync();
        var piece = new byte[3];
        await sound.ReadExactlyAsync(piece);

        Assert.Equal("one"u8.ToArray(), piece);
        next.Release();
        await sound.ReadExactlyAsync(piece);
        Assert.Equal("two"u8.ToArray(), piece);
        Assert.Equal(0, await sound.ReadAsync(piece));
    }

    [Fact]
    public async Task A_transcription_is_told_in_events_where_it_is_asked_to()
    {
        await using var engine = _host.Engine("a", talk => talk.StreamAsync("""{"object":"transcription.chunk","choices":[{"delta":{"content":"Hel"}}]}""", """{"object":"transcription.chunk","choices":[{"delta":{"content":"lo"}}]}"""));
        _host.Fleet.Set(Able("m", ModelAbilities.Transcription, "a"));

        using var response = await SendAsync(Form("m", stream: "true"), Transcriptions);

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.EndsWith("data: [DONE]\n\n", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal((0, 0, 0), await TokensAsync());
    }

    [Theory]
    [InlineData("multipart/form-data", null, "invalid_form", null)]
    [InlineData("multipart/form-data; boundary=a; boundary=b", null, "invalid_form", null)]
    [InlineData("multipart/form-data; boundary=xYz", "nonsense", "invalid_form", null)]
    [InlineData("multipart/form-data; boundary=xYz", "--xYz--\r\n", "missing_parameter", "model")]
    [InlineData("multipart/form-data; boundary=xYz", "--xYz\r\nContent-Disposition: form-data; name=model\r\n\r\na\r\n--xYz\r\nContent-Disposition: form-data; name=model\r\n\r\nb\r\n--xYz--", "duplicate_parameter", "model")]
    [InlineData("application/json", "{", "invalid_json", null)]
    public async Task A_form_that_is_none_is_refused_in_words(string type, string? body, string code, string? param)
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("{}"));
        _host.Fleet.Set(Able("m", ModelAbilities.Transcription, "a"));

        using var response = await SendAsync(body is null ? Form("m") : Encoding.ASCII.GetBytes(body), Transcriptions, type);

        Assert.Equal((400, code, param), await response.ErrorAsync());
        Assert.Empty(engine.Requests);
    }

    [Fact]
    public async Task A_form_is_taken_only_where_one_belongs()
    {
        _host.Fleet.Set(_host.Model("m", "a"));

        using var chat = await SendAsync(Form("m"), "/v1/chat/completions");
        using var speech = await SendAsync(Form("m"), "/v1/audio/speech");

        Assert.Equal((415, "unsupported_content_type", null), await chat.ErrorAsync());
        Assert.Equal((415, "unsupported_content_type", null), await speech.ErrorAsync());
    }

    [Theory]
    [InlineData(Transcriptions, "Origin", "null")]
    [InlineData(Transcriptions, "Origin", "http://evil.example")]
    [InlineData(Transcriptions, "Sec-Fetch-Site", "cross-site")]
    [InlineData("/v1/images/edits", "Origin", "null")]
    public async Task A_form_that_a_page_from_elsewhere_sends_is_refused_though_a_browser_asks_nobody_before(string path, string header, string value)
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("{}"));
        _host.Fleet.Set(Able("m", ModelAbilities.Transcription | ModelAbilities.ImageEdits, "a"));

        using var foreign = await SendAsync(Form("m"), path, more: request => request.Headers.TryAddWithoutValidation(header, value));
        using var program = await SendAsync(Form("m"), path);

        Assert.Equal((403, "cross_site", null), await foreign.ErrorAsync());
        Assert.Equal(HttpStatusCode.OK, program.StatusCode);
        Assert.Single(engine.Requests);
    }

    [Fact]
    public async Task A_scope_is_asked_for_before_a_form_is_read()
    {
        _host.Config = HelixConfig.Default with { Security = HelixConfig.Default.Security with { RequireKey = true } };

        using var response = await SendAsync(Form("m"), Transcriptions);

        Assert.Equal((401, "missing_api_key", null), await response.ErrorAsync());
    }

    [Fact]
    public async Task A_model_that_is_named_behind_a_large_file_is_found_and_the_next_engine_gets_the_same_form()
    {
        await using var weak = _host.Engine("a", talk =>
        {
            talk.Die();
            return Task.CompletedTask;
        });
        var bytes = Array.Empty<byte>();
        await using var strong = _host.Engine("b", talk =>
        {
            bytes = talk.Bytes;
            return talk.JsonAsync("""{"text":"hello"}""");
        });
        _host.Config = HelixConfig.Default with { Performance = HelixConfig.Default.Performance with { LoadBalance = false } };
        _host.Fleet.Set(Able("m", ModelAbilities.Transcription, "a", "b") with { Backends = [At("a", "short"), At("b", "a-longer-name.bin")] });
        byte[] file = [.. Enumerable.Repeat(s_sound, 10).SelectMany(sound => sound)];

        using var response = await SendAsync(Form("m", file: file), Transcriptions);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("2", response.Header("x-helix-tries"));
        Assert.Equal(Form("a-longer-name.bin", file: file), bytes);
    }

    [Theory]
    [InlineData(Images, "KoboldAI (KoboldCpp), LocalAI", "helix local-llm attach URL")]
    [InlineData("/v1/audio/speech", "mistral.rs", "helix local-llm attach URL")]
    [InlineData("/v1/rerank", "llama-server (llama.cpp) or vLLM", "helix models pull NAME")]
    [InlineData("/v1/moderations", "TextGen WebUI", "helix local-llm attach URL")]
    [InlineData("/v1/images/variations", "image variations", "helix local-llm attach URL")]
    public async Task What_nobody_here_does_is_refused_with_those_who_could(string path, string provider, string remedy)
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("{}"));
        _host.Fleet.Set(_host.Model("m", "a"));

        using var named = await _host.PostAsync("""{"model":"m"}""", path);
        using var any = await _host.PostAsync("""{"prompt":"a cat"}""", path);

        Assert.Equal((400, "model_lacks_ability", "model"), await named.ErrorAsync());
        Assert.Equal((404, "no_model", "model"), await any.ErrorAsync());
        foreach (var response in (HttpResponseMessage[])[named, any])
        {
            var words = await response.Content.ReadAsStringAsync();
            Assert.Contains(provider, words, StringComparison.Ordinal);
            Assert.Contains(remedy, words, StringComparison.Ordinal);
        }

        Assert.Empty(engine.Requests);
    }

    [Fact]
    public async Task An_engine_of_which_nothing_is_known_is_asked_where_its_model_is_named_and_stays_in_use_though_it_cannot()
    {
        var status = 0;
        await using var engine = _host.Engine("a", talk => talk.Head.StartsWith($"POST {Images}", StringComparison.Ordinal) ? talk.JsonAsync("""{"detail":"unimplemented"}""", status) : talk.JsonAsync("{}"));
        _host.Fleet.Set(Able("m", ModelAbilities.Everything, "a") with { Origin = ModelOrigin.Attached, Backends = [At("a", "m") with { IsAttached = true }] });

        // LocalAI says 500 where the model's backend does not do it
        foreach (var each in (int[])[404, 501, 500, 404, 501, 500])
        {
            status = each;
            using var picture = await _host.PostAsync("""{"model":"m","prompt":"a cat"}""", Images);
            Assert.Equal((each, "engine_refused", (string?)null), await picture.ErrorAsync());
        }

        using var any = await _host.PostAsync("""{"prompt":"a cat"}""", Images);
        using var chat = await _host.PostAsync("""{"model":"m"}""");

        Assert.Equal((404, "no_model", "model"), await any.ErrorAsync());
        Assert.Equal(HttpStatusCode.OK, chat.StatusCode);
        Assert.Equal(0, _host.Counters.Of("a").Breaker.Failures);
    }

    [Fact]
    public async Task A_picture_that_takes_long_is_waited_for_where_another_could_be_asked()
    {
        var (time, begin, end) = (new FakeTimeProvider(new DateTimeOffset(2026, 11, 29, 10, 30, 30, TimeSpan.Zero)), new SemaphoreSlim(0), new SemaphoreSlim(0));
        await using var host = await GatewayHost.StartAsync(time);
        host.Config = HelixConfig.Default with { Performance = new PerformanceConfig(LoadBalance: false, Hedge: true) };
        await using var slow = host.Engine("a", async talk =>
        {
            await begin.WaitAsync(Eventually.Limit);
            await talk.BeginStreamAsync();
            await talk.EventAsync("""{"type":"image_generation.partial_image","b64_json":"AAAA"}""");
            await end.WaitAsync(Eventually.Limit);
            await talk.EventAsync("""{"type":"image_generation.completed","b64_json":"AAAA","usage":{"total_tokens":30,"input_tokens":10,"output_tokens":20}}""");
            await talk.SendAsync("0\r\n\r\n");
        });
        await using var other = host.Engine("b", talk => talk.JsonAsync("{}"));
        host.Fleet.Set(host.Model("m", "a", "b") with { Abilities = ModelAbilities.Images });

        var asking = host.PostAsync("""{"model":"m","prompt":"a cat","stream":true}""", Images);
        await Eventually.TrueAsync(() => !slow.Requests.IsEmpty);
        time.Advance(TimeSpan.FromMinutes(10));
        begin.Release();
        using var response = await asking;
        var stream = await response.Content.ReadAsStreamAsync();
        Assert.Contains("partial_image", await stream.EventAsync(), StringComparison.Ordinal);
        time.Advance(TimeSpan.FromMinutes(10));
        end.Release();

        Assert.Contains("image_generation.completed", await stream.EventAsync(), StringComparison.Ordinal);
        Assert.Equal("", await stream.EventAsync());
        Assert.Empty(other.Requests);
        Assert.Equal((10, 20, 0), await TokensAsync(host));
    }

    [Fact]
    public async Task One_that_dies_before_its_answer_is_followed_by_the_next()
    {
        await using var weak = _host.Engine("a", talk =>
        {
            talk.Die();
            return Task.CompletedTask;
        });
        await using var strong = _host.Engine("b", talk => talk.BytesAsync(s_sound, "audio/mpeg"));
        _host.Config = HelixConfig.Default with { Performance = HelixConfig.Default.Performance with { LoadBalance = false } };
        _host.Fleet.Set(Able("m", ModelAbilities.Speech, "a", "b"));

        using var response = await _host.PostAsync("""{"model":"m","input":"Hello"}""", "/v1/audio/speech");

        Assert.Equal(s_sound, await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("2", response.Header("x-helix-tries"));
    }

    [Fact]
    public async Task A_ranking_is_counted_as_the_engine_tells_it_and_else_by_its_length()
    {
        const string ask = """{"model":"m","query":"a cat","documents":["a cat","a dog"]}""";
        var answer = """{"results":[{"index":0,"relevance_score":1}],"usage":{"total_tokens":12}}""";
        await using var engine = _host.Engine("a", talk => talk.JsonAsync(answer));
        _host.Fleet.Set(Able("m", ModelAbilities.Rerank, "a"));

        using (var told = await _host.PostAsync(ask, "/v1/rerank")) Assert.Equal(HttpStatusCode.OK, told.StatusCode);
        Assert.Equal((12, 0, 0), await TokensAsync());
        answer = """{"results":[{"index":0,"relevance_score":1}]}""";
        using (var untold = await _host.PostAsync(ask, "/v1/rerank")) Assert.Equal(HttpStatusCode.OK, untold.StatusCode);

        Assert.Equal((12 + ask.Length / 4, 0, 1), await TokensAsync());
    }

    [Fact]
    public async Task Nothing_of_it_is_answered_from_memory_or_asked_of_a_shadow()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"data":[{"b64_json":"AAAA"}]}"""));
        await using var shadow = _host.Engine("b", talk => talk.JsonAsync("{}"));
        _host.Fleet.Set(Able("m", ModelAbilities.Images | ModelAbilities.Transcription, "a"), Able("n", ModelAbilities.Images, "b"));
        Name("both", "m, shadow n");

        for (var n = 0; n < 2; n++)
        {
            using var picture = await _host.PostAsync("""{"model":"both","prompt":"a cat","seed":1}""", Images, request => request.Headers.Add("x-helix-cache", "on"));
            using var text = await SendAsync(Form("m"), Transcriptions, more: request => request.Headers.Add("x-helix-cache", "on"));
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (picture.StatusCode, text.StatusCode));
            Assert.Null(picture.Header("x-helix-cache"));
        }

        Assert.Equal(4, engine.Requests.Count);
        Assert.Empty(shadow.Requests);
    }

    [Fact]
    public async Task Whoever_asks_why_may_send_the_form_itself()
    {
        _host.Fleet.Set(Able("m", ModelAbilities.Transcription, "a"));
        using var owner = _host.Owner();

        using var form = await owner.SendAsync(Post(Form("m"), $"/helix/v1/route/explain?path={Transcriptions}", "multipart/form-data; boundary=xYz"));
        using var json = await owner.SendAsync(Post("""{"model":"m"}"""u8.ToArray(), $"/helix/v1/route/explain?path={Transcriptions}", "application/json"));
        using var other = await owner.SendAsync(Post("""{"model":"m"}"""u8.ToArray(), $"/helix/v1/route/explain?path={Images}", "application/json"));
        using var broken = await owner.SendAsync(Post("x"u8.ToArray(), $"/helix/v1/route/explain?path={Transcriptions}", "multipart/form-data; boundary=xYz"));

        Assert.Equal(("send", "m"), await OutcomeAsync(form));
        Assert.Equal(("send", "m"), await OutcomeAsync(json));
        Assert.Equal(("refuse", null), await OutcomeAsync(other));
        Assert.Contains("LocalAI", await other.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, broken.StatusCode);

        static async Task<(string?, string?)> OutcomeAsync(HttpResponseMessage response)
        {
            var report = await response.JsonAsync();
            return ((string?)report["outcome"], (string?)report["model"]);
        }
    }

    private static byte[] Form(string model, string? stream = null, byte[]? file = null) =>
    [
        .. "--xYz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\n"u8, .. file ?? s_sound,
        .. Encoding.UTF8.GetBytes($"\r\n--xYz\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n{model}"),
        .. Encoding.UTF8.GetBytes(stream is null ? "" : $"\r\n--xYz\r\nContent-Disposition: form-data; name=\"stream\"\r\n\r\n{stream}"),
        .. "\r\n--xYz--\r\n"u8,
    ];

    private static HttpRequestMessage Post(byte[] body, string path, string type)
    {
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
    }

    private ServedModel Able(string id, ModelAbilities abilities, params string[] engines) => _host.Model(id, engines) with { Abilities = abilities };

    private Backend At(string engine, string upstream) => new(engine, "builtin", _host.SocketOf(engine), upstream);

    private void Name(string alias, string models) =>
        _host.Config = _host.Config with { Gateway = _host.Config.Gateway with { Aliases = ImmutableDictionary<string, ModelAlias>.Empty.Add(alias, ModelAlias.Parse(models).Alias!) } };

    private Task<HttpResponseMessage> SendAsync(byte[] body, string path, string type = "multipart/form-data; boundary=xYz", Action<HttpRequestMessage>? more = null)
    {
        var request = Post(body, path, type);
        more?.Invoke(request);
        return _host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Of all requests so far: tokens in and out, and how many requests count as estimated.</summary>
    private async Task<(int Prompt, int Answer, int Estimated)> TokensAsync(GatewayHost? other = null)
    {
        var host = other ?? _host;
        await Eventually.TrueAsync(() => host.Counters.InFlight == 0);
        using var owner = host.Owner();
        using var response = await owner.GetAsync("/helix/v1/usage");
        var rows = (await response.JsonAsync())["rows"]!.AsArray().Select(row => row!).ToArray();
        return (Sum("prompt_tokens"), Sum("answer_tokens"), Sum("estimated"));

        int Sum(string name) => rows.Sum(row => (int)row[name]!);
    }
}
