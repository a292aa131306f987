using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Helix.Core.Tests.Models;
using Helix.Mirrors.Products;

namespace Helix.EndToEnd.Providers;

/// <summary>Rankings by an engine that helix starts, and pictures and sounds by those that the user runs.</summary>
public sealed class MediaTests(MediaTests.Shop shop) : IClassFixture<MediaTests.Shop>
{
    private const string Rerank = "/v1/rerank";
    private const string Images = "/v1/images/generations";
    private const string Transcriptions = "/v1/audio/transcriptions";

    /// <summary>Of LocalAI: models, and what each is made for.</summary>
    private static readonly (string Model, string Backend)[] s_crafts =
        [("stable-diffusion-3", "stablediffusion-ggml"), ("tts-1", "piper"), ("whisper-1", "whisper"), ("jina-reranker", "rerankers"), ("chatty", "llama-cpp")];

    private readonly TempHome _home = shop.Home;

    [Fact]
    public async Task A_reranking_model_is_served_by_the_engine_that_helix_starts_for_it()
    {
        await shop.ReleaseIsAsync("llamacpp", ProviderHome.ReleaseOf("llamacpp"));
        // the fleet hears of an installation a moment after who asked for it
        await shop.ServesAsync("llamacpp", ProviderHome.Gguf);

        var named = (await _home.Gateway.PostAsync(Rerank, Ranking(Shop.Judge))).Is(200);
        var any = (await _home.Gateway.PostAsync(Rerank, Ranking("llamacpp/auto"))).Is(200);

        Assert.Equal([1, 0], named.Json["results"]!.AsArray().Select(each => (int)each!["index"]!));
        Assert.Equal(("llamacpp", Shop.Judge), (named.Header("x-helix-provider"), any.Header("x-helix-model")));
        (await shop.ChatAsync("llamacpp", Shop.Judge)).IsError(400, "model_lacks_ability", "chat completions");
        (await _home.Gateway.PostAsync(Rerank, Ranking(ProviderHome.Gguf))).IsError(400, "model_lacks_ability", Shop.Judge);
    }

    [Fact]
    public async Task An_engine_of_the_users_makes_pictures_speaks_listens_and_ranks_for_the_official_client()
    {
        var (port, models, backends) = (TempHome.FreePort(), _home.Make("localai/models"), _home.Make("localai/backends"));
        foreach (var (model, backend) in s_crafts)
        {
            await File.WriteAllTextAsync(Path.Combine(models, model + ".yaml"), $"name: {model}\nbackend: {backend}\nparameters:\n  model: {model}.bin\n");
            await File.WriteAllTextAsync(Path.Combine(models, model + ".bin"), "weights");
            await File.WriteAllTextAsync(Path.Combine(_home.Make($"localai/backends/{backend}"), "run.sh"), "");
        }

        await using var localAi = await StartAsync("localai", "started and running", "run", "--address", $"127.0.0.1:{port}", "--models-path", models, "--backends-path", backends);
        (await shop.LocalLlmAsync("attach", $"http://127.0.0.1:{port}")).Succeeded();

        var said = await Clients.NodeAsync(_home, "openai-media.mjs", $"{_home.Gateway.Address}v1", "stable-diffusion-3", "tts-1", "whisper-1", "jina-reranker");

        Assert.Equal("all good", said.Succeeded().Out.Trim());
        var picture = (await _home.Gateway.PostAsync(Images, """{"model":"auto","prompt":"a cat"}""")).Is(200);
        Assert.StartsWith($"http://127.0.0.1:{port}/generated-images/", (string?)picture.Json["data"]![0]!["url"], StringComparison.Ordinal);
        // it may be able to, for all that its list tells
        Assert.Contains("Unimplemented", (await _home.Gateway.PostAsync(Images, """{"model":"chatty","prompt":"a cat"}""")).Is(500).Body, StringComparison.Ordinal);
        (await _home.Gateway.PostAsync("/v1/chat/completions", """{"model":"whisper-1","messages":[]}""")).IsError(400, "model_lacks_ability");
        var listed = (await _home.Gateway.GetAsync("/v1/models")).Is(200).Json["data"]!.AsArray().Single(model => (string?)model!["id"] == "whisper-1")!;
        Assert.Equal(["transcription"], listed["helix"]!["abilities"]!.AsArray().Select(ability => (string?)ability));
    }

    [Fact]
    public async Task A_transcription_comes_in_pieces_from_a_vLLM_of_the_users()
    {
        var (port, folder) = (TempHome.FreePort(), _home.Make("whisper-large"));
        await File.WriteAllTextAsync(Path.Combine(folder, "config.json"), """{"architectures":["WhisperForConditionalGeneration"]}""");
        await using var vllm = await StartAsync("vllm", "startup complete", "serve", folder, "--host", "127.0.0.1", "--port", $"{port}", "--served-model-name", "whisper-large");
        (await shop.LocalLlmAsync("attach", $"http://127.0.0.1:{port}")).Succeeded();

        var whole = (await HearAsync("whisper-large", Transcriptions)).Is(200);
        var english = (await HearAsync("whisper-large", "/v1/audio/translations")).Is(200);
        var pieces = (await HearAsync("whisper-large", Transcriptions, ("stream", "true"))).Is(200);

        Assert.EndsWith("größe.wav, 5000 bytes", (string?)whole.Json["text"], StringComparison.Ordinal);
        Assert.Equal((string?)whole.Json["text"], (string?)english.Json["text"]);
        var told = pieces.Body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("data: [DONE]", told[^1]);
        Assert.Equal((string?)whole.Json["text"], string.Concat(told[..^1].Select(piece => (string?)JsonNode.Parse(piece["data: ".Length..])!["choices"]![0]!["delta"]!["content"])));
    }

    [Fact]
    public async Task A_KoboldCpp_of_the_users_does_what_it_was_given_models_for()
    {
        var (port, file) = (TempHome.FreePort(), ModelFile.Write(_home.Folder, "tale", "A tale."));
        await using var kobold = await StartAsync("koboldai", "Please connect", "--model", file, "--host", "127.0.0.1", "--port", $"{port}", "--skiplauncher", "--quiet", "--sdmodel", "sd.gguf", "--whispermodel", "w.bin", "--ttsmodel", "t.gguf");
        (await shop.LocalLlmAsync("attach", $"http://127.0.0.1:{port}")).Succeeded();

        var picture = (await _home.Gateway.PostAsync(Images, """{"model":"koboldcpp/tale","prompt":"a cat"}""")).Is(200);

        Assert.StartsWith("iVBOR", (string?)picture.Json["data"]![0]!["b64_json"], StringComparison.Ordinal);
        Assert.StartsWith("RIFF", (await _home.Gateway.PostAsync("/v1/audio/speech", """{"model":"koboldcpp/tale","input":"Once upon"}""")).Is(200).Body, StringComparison.Ordinal);
        Assert.EndsWith("5000 bytes", (string?)(await HearAsync("koboldcpp/tale", Transcriptions)).Is(200).Json["text"], StringComparison.Ordinal);
        (await HearAsync("koboldcpp/tale", "/v1/audio/translations")).IsError(400, "model_lacks_ability", "vLLM");
    }

    [Theory]
    [InlineData("multipart/form-data", "x", "invalid_form")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=model\r\n\r\nm\r\n", "invalid_form")]
    [InlineData("multipart/form-data; boundary=x", "--x--", "missing_parameter")]
    public async Task A_form_that_cannot_be_read_is_refused(string type, string body, string code)
    {
        var content = new ByteArrayContent(System.Text.Encoding.ASCII.GetBytes(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);

        (await _home.Gateway.SendAsync(HttpMethod.Post, Transcriptions, content)).IsError(400, code);
    }

    private static string Ranking(string model) => $$"""{"model":"{{model}}","query":"a cat","documents":["a dog","a cat"]}""";

    private async Task<Launched> StartAsync(string pose, string ready, params string[] words)
    {
        var launched = Launched.Start(new Command(Wrapper.BuiltStandIn, ["--as", pose, "--standin-version", ProviderHome.ReleaseOf(pose), .. words], _home.Environment, _home.Folder));
        await Eventually.TrueAsync(() => (launched.Out + launched.Error).Contains(ready, StringComparison.Ordinal), $"the stand-in for {pose} to listen", () => launched.Out + launched.Error);
        return launched;
    }

    private async Task<Reply> HearAsync(string model, string path, params (string Name, string Value)[] others)
    {
        using var form = new MultipartFormDataContent { { new StringContent(model), "model" } };
        foreach (var (name, value) in others) form.Add(new StringContent(value), name);
        form.Add(new ByteArrayContent(new byte[5000]), "file", "größe.wav");
        return await _home.Gateway.SendAsync(HttpMethod.Post, path, form);
    }

    public sealed class Shop : ProviderHome
    {
        public const string Judge = "judge";

        protected override string Settings => "providers:\n  enabled: [builtin, llamacpp]\n";

        protected override async Task PublishAsync() => await Mirror.PublishAsync(Payloads.For("llamacpp", ReleaseOf("llamacpp")));

        protected override async Task StartedAsync()
        {
            await base.StartedAsync();
            var file = Path.Combine(Home.Folder, Judge + ".gguf");
            await File.WriteAllBytesAsync(file, TinyGguf.Chat("qwen3").UInt32("qwen3.pooling_type", 4).ToArray());
            (await Home.HelixAsync("models", "add", file)).Succeeded();
        }
    }
}
