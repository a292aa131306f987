using System.Net;
using System.Net.Sockets;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Fleet;
using Helix.Manifests;
using Helix.Tests.Fakes;
using Helix.Tests.Models;
using Helix.Tests.StandIns;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Fleet;

/// <summary>Against stand-ins that answer as the products do; a manifest of the test's own makes helix look at their port.</summary>
public sealed class AttachWatchTests : IAsyncDisposable
{
    private readonly TemporaryHome _temporary = new();
    private readonly FixedConfig _config = new();
    private readonly StandInRun _run = new();
    private readonly AttachLook _look = new(TimeProvider.System);
    private AttachWatch _watch;

    public AttachWatchTests() => _watch = NewWatch();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Url => $"http://127.0.0.1:{_run.Port}";

    [Theory]
    [InlineData("ollama", "ollama", "qwen3:0.6b")]
    [InlineData("llamacpp", "llamacpp-PORT", "m")]
    [InlineData("koboldai", "koboldai-PORT", "koboldcpp/m")]
    [InlineData("vllm", "vllm-PORT", "q")]
    [InlineData("localai", "localai-PORT", "m.gguf")]
    [InlineData("gpt4all", "gpt4all-PORT", "m")]
    [InlineData("tabbyapi", "tabbyapi-PORT", "model")]
    [InlineData("mistralrs", "mistralrs-PORT", "default")]
    [InlineData("textgen", "textgen-PORT", "m.gguf")]
    public async Task What_runs_at_a_usual_port_is_found_and_known_for_what_it_is(string product, string id, string model)
    {
        await StartAsync(product);
        LookAtPort();

        await _watch.LookAsync(search: true, Cancelled);

        var engine = Found();
        Assert.Equal((id.Replace("PORT", $"{_run.Port}", StringComparison.Ordinal), product, AttachedHealth.Answers, true), (engine.Id, engine.Product, engine.Health, engine.IsFound));
        Assert.Contains(model, engine.Models.Select(each => each.Id));
        // the server around GPT4All's library is helix's own, and not what answers here
        Assert.Equal(product is "llamacpp" or "vllm" or "tabbyapi" or "mistralrs", engine.Gaps is not null);
        if (product is "ollama" or "vllm" or "koboldai" or "mistralrs") Assert.Equal(StandInRun.Version, engine.Release);
    }

    [Fact]
    public async Task What_answers_in_no_words_that_are_understood_is_not_asked_for_long()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var taken = 0;
        var talk = Task.Run(
            async () =>
            {
                while (true)
                {
                    using var socket = await listener.AcceptSocketAsync(Cancelled);
                    Interlocked.Increment(ref taken);
                    await socket.SendAsync("SSH-2.0-x\r\n"u8.ToArray());
                }
            },
            Cancelled);

        var refused = Assert.IsType<AttachOutcome.Refused>(await _watch.AttachAsync($"http://{listener.LocalEndpoint}", null, null, false, Cancelled));

        Assert.Equal("unreachable", refused.Code);
        Assert.Contains("gives no answer that helix understands", refused.Reason, StringComparison.Ordinal);
        // one to see whether anybody is there, two requests
        Assert.InRange(taken, 1, 3);
        listener.Stop();
        await Assert.ThrowsAnyAsync<Exception>(() => talk);
    }

    [Fact]
    public async Task One_that_asks_for_a_key_says_so_until_it_is_given()
    {
        await StartAsync("jan");
        LookAtPort();

        await _watch.LookAsync(search: true, Cancelled);
        Assert.Equal(("jan", AttachedHealth.Locked), (Found().Id, Found().Health));
        var refused = Assert.IsType<AttachOutcome.Refused>(await _watch.AttachAsync(Url, "wrong", null, false, Cancelled));
        Assert.Contains("another key", refused.Reason, StringComparison.Ordinal);
        var done = Assert.IsType<AttachOutcome.Done>(await _watch.AttachAsync(Url, "jan-key", null, false, Cancelled));

        Assert.Equal(("jan", AttachedHealth.Answers, "jan-key", false), (done.Engine.Id, done.Engine.Health, done.Engine.Key, done.Engine.IsFound));
        Assert.Equal(["m"], Found().Models.Select(model => model.Id));
    }

    [Fact]
    public async Task One_miss_is_nothing_two_and_it_is_gone_and_it_comes_back()
    {
        var ollama = await StartAsync("ollama");
        Assert.IsType<AttachOutcome.Done>(await _watch.AttachAsync(Url, null, "mine", false, Cancelled));
        ollama.Kill();
        await ollama.EndAsync();

        await _watch.LookAsync(search: false, Cancelled);
        Assert.Equal(AttachedHealth.Answers, Found().Health);
        await _watch.LookAsync(search: false, Cancelled);
        Assert.Equal(AttachedHealth.Gone, Found().Health);
        await StartAsync("ollama");
        await _watch.LookAsync(search: false, Cancelled);

        Assert.Equal(("mine", AttachedHealth.Answers), (Found().Id, Found().Health));
    }

    [Fact]
    public async Task One_that_was_only_found_is_forgotten_when_it_goes()
    {
        var ollama = await StartAsync("ollama");
        LookAtPort();
        await _watch.LookAsync(search: true, Cancelled);
        Assert.NotNull(Found());
        ollama.Kill();
        await ollama.EndAsync();

        await _watch.LookAsync(search: true, Cancelled);
        await _watch.LookAsync(search: true, Cancelled);

        Assert.DoesNotContain(_watch.Current.Engines, engine => engine.Address.Port == _run.Port);
    }

    [Fact]
    public async Task What_is_attached_is_known_to_the_next_daemon_and_its_key_is_the_owners()
    {
        await StartAsync("jan");
        Assert.IsType<AttachOutcome.Done>(await _watch.AttachAsync(Url + "/v1", "jan-key", "desk", false, Cancelled));

        _watch = NewWatch();
        _watch.Recall();
        await _watch.LookAsync(search: false, Cancelled);

        Assert.Equal(("desk", AttachedHealth.Answers, "jan"), (Found().Id, Found().Health, Found().Product));
        var file = Path.Combine(_temporary.Home.State, "attached.json");
        Assert.Contains("jan-key", await File.ReadAllTextAsync(file, Cancelled), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task A_list_that_cannot_be_read_is_kept_aside()
    {
        var file = Path.Combine(_temporary.Home.State, "attached.json");
        Directory.CreateDirectory(_temporary.Home.State);
        await File.WriteAllTextAsync(file, "{ my keys, half", Cancelled);
        _watch = NewWatch();
        _watch.Recall();
        await StartAsync("jan");

        Assert.IsType<AttachOutcome.Done>(await _watch.AttachAsync(Url + "/v1", "jan-key", "desk", false, Cancelled));

        Assert.Equal("{ my keys, half", await File.ReadAllTextAsync(file + ".unreadable", Cancelled));
    }

    [Fact]
    public async Task What_was_detached_is_left_alone_until_it_is_attached_again()
    {
        await StartAsync("ollama");
        LookAtPort();
        await _watch.LookAsync(search: true, Cancelled);

        Assert.IsType<AttachOutcome.Done>(await _watch.DetachAsync("ollama", Cancelled));
        await _watch.LookAsync(search: true, Cancelled);
        Assert.DoesNotContain(_watch.Current.Engines, engine => engine.Address.Port == _run.Port);
        Assert.IsType<AttachOutcome.Refused>(await _watch.DetachAsync("ollama", Cancelled));

        Assert.IsType<AttachOutcome.Done>(await _watch.AttachAsync(Url, null, null, false, Cancelled));
        Assert.Equal("ollama", Found().Id);
    }

    [Fact]
    public async Task Nothing_is_searched_for_where_the_user_does_not_want_it()
    {
        await StartAsync("ollama");
        LookAtPort();
        _config.Become(HelixConfig.Default with { AutoManager = HelixConfig.Default.AutoManager with { AutoDiscover = false } });

        await _watch.LookAsync(search: true, Cancelled);

        Assert.Empty(_watch.Current.Engines);
    }

    [Fact]
    public async Task A_product_that_is_left_out_is_left_alone()
    {
        await StartAsync("vllm");
        LookAtPort();
        _config.Become(HelixConfig.Default with { Providers = HelixConfig.Default.Providers with { Enabled = ["builtin"] } });

        await _watch.LookAsync(search: true, Cancelled);

        Assert.DoesNotContain(_watch.Current.Engines, engine => engine.Address.Port == _run.Port);
    }

    [Fact]
    public async Task What_helix_cannot_use_is_refused_with_the_reason()
    {
        Assert.Equal("unreachable", await RefusalAsync(Url));
        Assert.Equal("invalid", await RefusalAsync("https://127.0.0.1:1"));
        Assert.Equal("conflict", await RefusalAsync("http://10.0.0.7:8000"));
        Assert.Equal("conflict", await RefusalAsync("http://127.0.0.1:4359"));
        Assert.Equal("invalid", await RefusalAsync(Url, key: "two words"));
        await StartAsync("ollama");
        Assert.Equal("invalid", await RefusalAsync(Url, name: "No Name"));
        Assert.Equal("conflict", await RefusalAsync(Url, name: "vllm"));
        _watch.IsCloud = id => id == "openai";
        Assert.Equal("conflict", await RefusalAsync(Url, name: "openai"));
        Assert.Empty(_watch.Current.Engines);
    }

    [Fact]
    public async Task Helixs_own_engines_are_never_taken_for_somebody_elses()
    {
        var book = new EngineBook(_temporary.Home);
        var port = book.Of("llamacpp-m").Ports[0];
        _watch = NewWatch(book);

        Assert.Equal("conflict", await RefusalAsync($"http://127.0.0.1:{port}"));
    }

    public async ValueTask DisposeAsync()
    {
        await _run.DisposeAsync();
        _watch.Dispose();
        _look.Dispose();
        _temporary.Dispose();
    }

    private AttachWatch NewWatch(EngineBook? book = null) => new(
        new AttachBook(_temporary.Home), _look, new ManifestShelf(_temporary.Home), _config, book ?? new EngineBook(_temporary.Home), new OwnPorts([4359]), new FakeTimeProvider(), NullLogger<AttachWatch>.Instance);

    private AttachedEngine Found() => Assert.Single(_watch.Current.Engines, engine => engine.Address.Port == _run.Port);

    private async Task<string> RefusalAsync(string url, string? key = null, string? name = null) => Assert.IsType<AttachOutcome.Refused>(await _watch.AttachAsync(url, key, name, false, Cancelled)).Code;

    private void LookAtPort()
    {
        Directory.CreateDirectory(_temporary.Home.UserProviders);
        File.WriteAllText(Path.Combine(_temporary.Home.UserProviders, "here.yaml"), $"""
            id: here
            name: Something at this test's port
            category: high-performance
            description: A place to look at
            licence: MIT
            home: https://example.org/here
            tier: 3
            runs:
              elsewhere: nowhere
              platforms:
                - os: linux
                  architectures: [x64, arm64]
                  accelerator: none
            install:
              - kind: attach
            serves:
              port: {_run.Port}
              dialects: [openai]
              abilities: [chat]
            """);
        Assert.Empty(new ManifestShelf(_temporary.Home).Current.Problems);
    }

    private async Task<Running> StartAsync(string product)
    {
        var port = $"{_run.Port}";
        var (ready, words) = product switch
        {
            "ollama" => ("/api/version", new[] { "ollama", "serve" }),
            "llamacpp" => ("/health", ["llamacpp", "-m", _run.Gguf(), "--alias", "m", "--port", port]),
            "koboldai" => ("/api/extra/version", ["koboldai", "--model", _run.Gguf(), "--host", "127.0.0.1", "--port", port, "--skiplauncher", "--quiet"]),
            "vllm" => ("/health", ["vllm", "serve", _run.ModelFolder(), "--host", "127.0.0.1", "--port", port, "--served-model-name", "q"]),
            "localai" => ("/readyz", ["localai", "run", "--address", $"127.0.0.1:{port}", "--models-path", Path.GetDirectoryName(_run.Gguf("models/m.gguf"))!]),
            "gpt4all" => ("/v1/models", ["gpt4all"]),
            "tabbyapi" => ("/health", ["tabbyapi", "--port", port, "--model-dir", _run.Folder, "--model-name", Path.GetFileName(_run.ModelFolder()), "--disable-auth", "true"]),
            "mistralrs" => ("/health", ["mistralrs", "serve", "--host", "127.0.0.1", "--port", port, "-m", _run.ModelFolder()]),
            "textgen" => ("/v1/internal/health", ["textgen", "server.py", "--api", "--nowebui", "--api-port", port, "--model-dir", Path.GetDirectoryName(_run.Gguf())!, "--model", "m.gguf"]),
            "jan" => ("/openapi.json", ["jan", "--port", port, "--api-key", "jan-key", "--model", "m"]),
            _ => throw new ArgumentException(product, nameof(product)),
        };
        if (product == "ollama") _run.Environment["OLLAMA_HOST"] = $"127.0.0.1:{port}";
        if (product == "gpt4all") _run.Write(".config/nomic.ai/GPT4All.ini", $"[General]\nserverChat=true\nnetworkPort={port}\nmodelPath={Path.GetDirectoryName(_run.Gguf("models/m.gguf"))}\n");
        var running = _run.Start(words[0], words[1..]);
        await _run.ReadyAsync(ready);
        return running;
    }
}
