using System.Net;
using System.Net.Sockets;

namespace Helix.Tests.StandIns;

/// <summary>The traps of each provider that helix must step around.</summary>
public class QuirkTests
{
    [Fact]
    public async Task Vllm_refuses_connections_until_it_is_ready_and_answers_a_wrong_key_with_a_string()
    {
        await using var run = new StandInRun();
        run.Turn("""{"load_ms": 600000}""");
        run.Environment["VLLM_API_KEY"] = "k";
        var vllm = run.Start("vllm", "serve", run.ModelFolder(), "--host", "127.0.0.1", "--port", $"{run.Port}", "--max-model-len", "16");
        await Eventually.TrueAsync(() => run.Written.Contains("vLLM API server version 9.8.7", StringComparison.Ordinal));
        Assert.Null(await run.StatusAsync("/health"));
        vllm.Kill();

        run.Turn("{}");
        run.Start("vllm", "serve", run.ModelFolder(), "--host", "127.0.0.1", "--port", $"{run.Port}", "--served-model-name", "q", "--max-model-len", "16");
        await run.ReadyAsync("/health");
        var refused = await run.ChatAsync("q");
        Assert.Equal((401, """{"error":"Unauthorized"}"""), refused);
        Assert.Equal(404, (await run.ChatAsync("nope", "", ("Authorization", "Bearer k"))).Status);
        Assert.Equal("9.8.7", (await run.GetAsync("/version"))["version"]!.ToString());
        run.Turn("""{"sick": 1}""");
        Assert.Equal(503, await run.StatusAsync("/health"));
    }

    [Fact]
    public async Task Tabby_moves_to_the_next_port_and_starts_with_defaults_from_a_broken_file()
    {
        await using var run = new StandInRun();
        run.UsePortWithFreeSuccessor();
        using var taken = new TcpListener(IPAddress.Loopback, run.Port);
        taken.Start();
        run.Write("config.yml", "this is not yaml at all\n");
        run.Start("tabbyapi", "--port", $"{run.Port}");
        var port = run.Port;
        await run.PortFromAsync("Developer documentation: http://127.0.0.1:");

        Assert.Equal(port + 1, run.Port);
        Assert.Contains($"Port {port} is currently in use. Switching to {port + 1}.", run.Written, StringComparison.Ordinal);
        Assert.Contains("couldn't load", run.Written, StringComparison.Ordinal);
        await run.ReadyAsync("/health");
        Assert.Equal((401, """{"detail":"Please provide an API key"}"""), await run.ChatAsync());
        var (status, body) = await run.ChatAsync(null, "", ("x-api-key", "standin-generated-key"));
        Assert.Equal((503, """{"detail":"No models are currently loaded."}"""), (status, body));
    }

    [Fact]
    public async Task Koboldcpp_ends_well_where_its_port_is_taken_and_tells_why_a_model_is_none()
    {
        await using var run = new StandInRun();
        using var taken = new TcpListener(IPAddress.Loopback, run.Port);
        taken.Start();

        Assert.Equal(0, await run.EndAsync("koboldai", "--model", run.Gguf(), "--host", "127.0.0.1", "--port", $"{run.Port}"));
        Assert.Equal(3, await run.EndAsync("koboldai", "--model", run.Write("bad.gguf", "not a model"), "--host", "127.0.0.1", "--port", $"{StandInRun.FreePort()}"));
        Assert.Equal(2, await run.EndAsync("koboldai", "--model", "/nowhere.gguf"));
        await Eventually.TrueAsync(() => run.Written.Contains("ERROR: Both IPv4 and IPv6 cannot bind", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Mlx_says_it_is_well_without_a_model_and_stays_alive_without_a_port()
    {
        await using var run = new StandInRun();
        run.Start("mlx", "--model", "/no/such/model", "--host", "127.0.0.1", "--port", $"{run.Port}");
        await run.ReadyAsync("/health");
        await Eventually.TrueAsync(() => run.Written.Contains("Exception in thread", StringComparison.Ordinal));
        Assert.Equal(200, await run.StatusAsync("/health"));

        var zombie = run.Start("mlx", "--model", run.ModelFolder(), "--host", "127.0.0.1", "--port", $"{run.Port}");
        await Eventually.TrueAsync(() => run.Written.Contains("Address already in use", StringComparison.Ordinal));
        Assert.False(zombie.HasEnded);
        zombie.Terminate();
        Assert.Equal(128 + Signal.Terminate, await zombie.EndAsync()); // death by the signal itself
    }

    [Fact]
    public async Task Textgen_takes_another_port_silently_and_hides_that_a_model_failed()
    {
        await using var run = new StandInRun();
        using var taken = new TcpListener(IPAddress.Loopback, run.Port);
        taken.Start();
        var port = run.Port;
        run.Start("textgen", "server.py", "--api", "--nowebui", "--api-port", $"{port}", "--model-dir", run.Folder, "--model", "absent.gguf");
        await run.PortFromAsync("http://127.0.0.1:");

        Assert.NotEqual(port, run.Port);
        await run.ReadyAsync("/v1/internal/health");
        Assert.Equal("absent.gguf", (await run.GetAsync("/v1/models"))["data"]![0]!["id"]!.ToString());
        Assert.Equal(500, (await run.PostAsync("/v1/internal/token-count", """{"text":"a"}""")).Status);
    }

    [Fact]
    public async Task Llama_server_listens_while_it_loads_and_calls_broken_json_its_own_fault()
    {
        await using var run = new StandInRun();
        run.Turn("""{"load_ms": 600000}""");
        var loading = run.Start("llamacpp", "-m", run.Gguf(), "--port", $"{run.Port}");
        await Eventually.TrueAsync(async () => await run.StatusAsync("/health") == 503, "503 while loading");
        Assert.Equal(1, await run.EndAsync("llamacpp", "-m", run.Gguf(), "--port", $"{run.Port}"));
        loading.Kill();
        await Eventually.TrueAsync(() => StandInRun.IsFree(run.Port));

        run.Turn("{}");
        run.Start("llamacpp", "-m", run.Gguf(), "--port", $"{run.Port}");
        await run.ReadyAsync("/health");
        Assert.Equal(500, (await run.PostAsync("/v1/chat/completions", "{broken")).Status);
        Assert.Equal(501, await run.StatusAsync("/metrics"));
        Assert.Equal(1, await run.EndAsync("llamacpp", "-m", "/nowhere.gguf", "--port", $"{StandInRun.FreePort()}"));
    }

    [Fact]
    public async Task Llama_server_waits_for_its_client_and_ends_at_the_second_signal()
    {
        await using var run = new StandInRun();
        run.Turn("""{"wedge": true}""");
        var server = run.Start("llamacpp", "-m", run.Gguf(), "--port", $"{run.Port}");
        await run.ReadyAsync("/health");
        var asked = run.ChatAsync();
        await Eventually.TrueAsync(async () => (await run.GetAsync("/slots")).AsArray().Any(slot => slot!["is_processing"]!.GetValue<bool>()), "a slot is busy");

        server.Terminate();
        await Eventually.TrueAsync(() => run.Written.Contains("cleaning up before exit", StringComparison.Ordinal));
        Assert.False(server.HasEnded);
        server.Terminate();
        Assert.Equal(1, await server.EndAsync());
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => asked);
    }

    [Fact]
    public async Task Llama_server_listens_on_a_socket_where_the_host_is_a_path()
    {
        await using var run = new StandInRun();
        var path = Path.Combine(run.Folder, "x.sock");
        run.Start("llamacpp", "-m", run.Gguf(), "--host", path);
        await Eventually.TrueAsync(() => run.Written.Contains($"listening on unix://{path}", StringComparison.Ordinal));
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });

        Assert.Equal("""{"status":"ok"}""", await client.GetStringAsync(new Uri("http://engine/health")));
    }

    [Fact]
    public async Task Mistral_rs_wraps_no_error_in_an_object_and_dies_by_the_signal()
    {
        await using var run = new StandInRun();
        var server = run.Start("mistralrs", "serve", "--host", "127.0.0.1", "-p", $"{run.Port}", "-m", run.ModelFolder());
        await run.ReadyAsync("/health");

        Assert.Equal((500, """{"message":"Model `nope` not found."}"""), await run.ChatAsync("nope"));
        Assert.Equal(422, (await run.PostAsync("/v1/chat/completions", "{}")).Status);
        server.Terminate();
        Assert.Equal(128 + Signal.Terminate, await server.EndAsync());
    }

    [Fact]
    public async Task Localai_is_ready_before_a_model_is_and_needs_a_backend()
    {
        await using var run = new StandInRun();
        run.Gguf("models/m.gguf");
        run.Environment["LOCALAI_ADDRESS"] = $"127.0.0.1:{run.Port}";
        run.Environment["LOCALAI_API_KEY"] = "k";
        run.Start("localai", "run");
        await run.ReadyAsync("/readyz");

        Assert.Equal(401, (await run.ChatAsync("m.gguf")).Status);
        var (status, body) = await run.ChatAsync("m.gguf", "", ("Authorization", "Bearer k"));
        Assert.Equal(500, status);
        Assert.Contains("backend not found: llama-cpp", body, StringComparison.Ordinal);
        run.Write("backends/llama-cpp/run.sh", "");
        Assert.Equal(200, (await run.ChatAsync("m.gguf", "", ("Authorization", "Bearer k"))).Status);
    }
}
