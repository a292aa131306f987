using System.Text.Json.Nodes;

namespace Helix.Tests.StandIns;

/// <summary>Each pose, started with the command line of its original, answers in the OpenAI dialect and says who it is.</summary>
public class AnswerTests
{
    [Theory]
    [InlineData("vllm", "/health", "q")]
    [InlineData("tabbyapi", "/health", null)]
    [InlineData("mistralrs", "/health", "default")]
    [InlineData("localai", "/readyz", "q")]
    [InlineData("mlx", "/health", null)]
    [InlineData("jan", "/", "q")]
    [InlineData("textgen", "/v1/internal/health", null)]
    [InlineData("koboldai", "/ping", null)]
    [InlineData("gpt4all", "/v1/models", "m")]
    [InlineData("llamacpp", "/health", null)]
    [InlineData("ollama", "/api/version", "q")]
    public async Task The_answer_names_who_gave_it(string pose, string ready, string? model)
    {
        await using var run = new StandInRun();
        Started(run, pose);
        await run.ReadyAsync(ready);

        var whole = await run.ChatAsync(model, "", Key(pose));
        var streamed = await run.ChatAsync(model, ",\"stream\":true", Key(pose));

        Assert.Equal(200, whole.Status);
        Assert.Contains($"I am a stand-in for {pose} 9.8.7", whole.Body, StringComparison.Ordinal);
        Assert.Contains("You said: hello", whole.Body, StringComparison.Ordinal);
        if (pose == "gpt4all") Assert.Contains("references", streamed.Body, StringComparison.Ordinal); // it does not stream
        else Assert.EndsWith("data: [DONE]\n\n", streamed.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_knows_tools_calls_the_one_that_is_named_and_others_do_not()
    {
        const string ask = """{"messages":[{"role":"user","content":"call clock"}],"tools":[{"type":"function","function":{"name":"clock"}}]}""";
        await using var knowing = new StandInRun();
        Started(knowing, "llamacpp");
        await knowing.ReadyAsync("/health");
        await using var other = new StandInRun();
        Started(other, "textgen");
        await other.ReadyAsync("/v1/internal/health");

        var call = JsonNode.Parse((await knowing.PostAsync("/v1/chat/completions", ask)).Body)!["choices"]![0]!;
        Assert.Equal(("tool_calls", "clock", """{"said":"call clock"}"""), ((string?)call["finish_reason"], (string?)call["message"]!["tool_calls"]![0]!["function"]!["name"], (string?)call["message"]!["tool_calls"]![0]!["function"]!["arguments"]));
        Assert.Contains("You said: call clock", (await other.PostAsync("/v1/chat/completions", ask)).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"required\"", """{"path":"go o","deep":true,"kind":"file"}""")]
    [InlineData("\"auto\"", null)]
    [InlineData("\"none\"", null)]
    [InlineData("""{"type":"function","function":{"name":"find"}}""", null)] // llama-server reads auto there
    public async Task Who_is_held_to_call_a_tool_calls_the_first_with_what_it_requires(string choice, string? arguments)
    {
        const string schema = """{"type":"object","properties":{"path":{"type":"string","maxLength":4},"deep":{"type":"boolean"},"kind":{"type":"string","enum":["file","folder"]},"most":{"type":"integer"}},"required":["path","deep","kind"]}""";
        await using var run = new StandInRun();
        Started(run, "llamacpp");
        await run.ReadyAsync("/health");

        var answer = await run.PostAsync("/v1/chat/completions", $$$"""{"messages":[{"role":"user","content":"go on"}],"tools":[{"type":"function","function":{"name":"find","parameters":{{{schema}}}}}],"tool_choice":{{{choice}}}}""");

        var message = JsonNode.Parse(answer.Body)!["choices"]![0]!["message"]!;
        Assert.Equal(arguments, (string?)message["tool_calls"]?[0]?["function"]!["arguments"]);
        Assert.Equal(arguments is null, message["content"] is not null);
    }

    [Fact]
    public async Task Three_processes_make_one_fastchat()
    {
        await using var run = new StandInRun();
        var (controller, worker) = (StandInRun.FreePort(), StandInRun.FreePort());
        run.Start("fastchat-controller", "--host", "127.0.0.1", "--port", $"{controller}");
        run.Start("fastchat-api", "--host", "127.0.0.1", "--port", $"{run.Port}", "--controller-address", $"http://127.0.0.1:{controller}", "--api-keys", "k1,k2");
        await Eventually.TrueAsync(() => run.Written.Split("Uvicorn running").Length == 3);
        Assert.Equal(401, (await run.ChatAsync("q")).Status);
        Assert.Contains("50005", (await run.ChatAsync("q", "", ("Authorization", "Bearer k2"))).Body, StringComparison.Ordinal); // no worker yet

        var third = run.Start("fastchat-worker", "--host", "127.0.0.1", "--port", $"{worker}", "--worker-address", $"http://127.0.0.1:{worker}",
            "--controller-address", $"http://127.0.0.1:{controller}", "--model-path", run.ModelFolder(), "--model-names", "q");
        await Eventually.TrueAsync(async () => (await run.ChatAsync("q", "", ("Authorization", "Bearer k1"))).Status == 200, "the worker answers");

        Assert.Contains("stand-in for fastchat", (await run.ChatAsync("q", "", ("Authorization", "Bearer k1"))).Body, StringComparison.Ordinal);
        var wrong = await run.ChatAsync("nope", "", ("Authorization", "Bearer k1"));
        Assert.Equal((400, true), (wrong.Status, wrong.Body.StartsWith("{\"object\":\"error\"", StringComparison.Ordinal)));
        third.Terminate();
        Assert.Equal(0, await third.EndAsync());
    }

    [Fact]
    public async Task Lm_studio_detaches_and_is_told_by_its_command()
    {
        await using var run = new StandInRun();
        Assert.Equal(0, await run.EndAsync("llmster", "bootstrap"));
        Assert.True(File.Exists(Path.Combine(run.Folder, ".lmstudio", "bin", "lms")));
        Assert.Equal(1, await run.EndAsync("lms", "server", "start"));
        try
        {
            Assert.Equal(0, await run.EndAsync("lms", "daemon", "up", "--json"));
            Assert.Equal(0, await run.EndAsync("lms", "server", "start", "--port", $"{run.Port}", "--bind", "127.0.0.1"));
            Assert.Equal(0, await run.EndAsync("lms", "import", run.Gguf(), "--user-repo", "local/m", "-y", "-L"));
            Assert.Equal(404, (await run.ChatAsync("x")).Status);
            Assert.Equal(0, await run.EndAsync("lms", "load", "local/m", "-y", "--exact", "--identifier", "x", "--gpu", "max", "-c", "8192", "--parallel", "4"));

            Assert.Contains("I am a stand-in for lmstudio", (await run.ChatAsync("x")).Body, StringComparison.Ordinal);
            Assert.Equal("x", (await run.GetAsync("/api/v1/models"))["models"]![0]!["loaded_instances"]![0]!["id"]!.ToString());
            Assert.Contains("Unexpected endpoint", (await run.GetAsync("/health"))["error"]!.ToString(), StringComparison.Ordinal); // with status 200
        }
        finally
        {
            await run.EndAsync("lms", "daemon", "down");
        }

        Assert.Null(await run.StatusAsync("/v1/models"));
    }

    [Fact]
    public async Task Llama_server_ranks_where_it_was_told_to()
    {
        await using var run = new StandInRun();
        const string Ask = """{"query":"a cat","documents":["a dog","a cat"],"top_n":1}""";
        run.Start("llamacpp", "-m", run.Gguf(), "--host", "127.0.0.1", "--port", $"{run.Port}", "--reranking", "--batch-size", "2048", "--ubatch-size", "2048");
        await run.ReadyAsync("/health");

        var ranked = await run.PostAsync("/v1/rerank", Ask);

        Assert.Equal(200, ranked.Status);
        Assert.Contains("\"results\":[{\"index\":1,\"relevance_score\":1}]", ranked.Body, StringComparison.Ordinal);
    }

    private static (string, string)[] Key(string pose) => pose switch
    {
        "jan" => [("Authorization", "Bearer k")],
        "tabbyapi" => [("x-api-key", "k")],
        _ => [],
    };

    private static void Started(StandInRun run, string pose)
    {
        var port = $"{run.Port}";
        switch (pose)
        {
            case "vllm":
                run.Start(pose, "serve", run.ModelFolder(), "--host", "127.0.0.1", "--port", port, "--served-model-name", "q");
                break;
            case "tabbyapi":
                run.ModelFolder("models/q");
                run.Write("config.yml", $"network:\n  host: 127.0.0.1\n  port: {port}   # ours\nmodel:\n  model_dir: models\n  model_name: q\n");
                run.Write("api_tokens.yml", "api_key: \"k\"\nadmin_key: \"a\"\n");
                run.Start(pose);
                break;
            case "mistralrs":
                run.Start(pose, "serve", "--host", "127.0.0.1", "-p", port, "--no-ui", "-f", run.Gguf());
                break;
            case "localai":
                run.Gguf("models/m.gguf");
                run.Write("models/q.yaml", "name: q\nbackend: llama-cpp\nparameters: { model: m.gguf }\n");
                run.Write("backends/llama-cpp/run.sh", "");
                run.Environment["LOCALAI_ADDRESS"] = $"127.0.0.1:{port}";
                run.Start(pose, "run");
                break;
            case "mlx":
                run.Start(pose, "--model", run.ModelFolder(), "--host", "127.0.0.1", "--port", port);
                break;
            case "jan":
                run.Start(pose, "--port", port, "--api-key", "k", "--model", "q");
                break;
            case "textgen":
                run.Start(pose, "server.py", "--portable", "--api", "--nowebui", "--api-port", port, "--model-dir", run.Folder, "--model", Path.GetFileName(run.Gguf()));
                break;
            case "koboldai":
                run.Start(pose, "--model", run.Gguf(), "--host", "127.0.0.1", "--port", port, "--skiplauncher", "--quiet", "--contextsize", "8192");
                break;
            case "gpt4all":
                run.Gguf();
                run.Write(".config/nomic.ai/GPT4All.ini", $"[General]\nserverChat=true\nnetworkPort={port}\nmodelPath={run.Folder}\n");
                run.Start(pose);
                break;
            case "llamacpp":
                run.Start(pose, "-m", run.Gguf(), "--host", "127.0.0.1", "--port", port, "--alias", "q");
                break;
            default:
                run.Environment["OLLAMA_HOST"] = $"127.0.0.1:{port}";
                run.Environment["STANDIN_MODELS"] = "q";
                run.Start(pose, "serve");
                break;
        }
    }
}
