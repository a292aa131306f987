using Helix.Core.Models;

namespace Helix.EndToEnd;

/// <summary>Models fetched from a hub that breaks off, lies, waits, or has nothing.</summary>
public sealed class DownloadTests(DownloadTests.HomeWithHub with) : IClassFixture<DownloadTests.HomeWithHub>
{
    private const int NotRunning = 3, NotFound = 5, Refused = 6, Interrupted = 130;

    private readonly TempHome _home = with.Home;
    private readonly HubStandIn _hub = with.Hub;

    [Fact]
    public async Task A_model_is_fetched_verified_and_answers()
    {
        Offer("whole");
        var pull = (await PullAsync("whole")).Succeeded();

        Assert.Contains("whole", pull.Out, StringComparison.Ordinal);
        await AnswersAsync("whole");
    }

    [Fact]
    public async Task An_interrupted_download_goes_on_where_it_stopped()
    {
        Offer("pieces");
        _hub.BreakAfter = _hub.Length / 3;
        var tries = 1;
        for (var pull = await PullAsync("pieces"); pull.Code != 0; pull = await PullAsync("pieces"))
            Assert.True(tries++ < 4, pull.ToString());

        Assert.Equal(0, _hub.Began[0]);
        Assert.All(_hub.Began.Skip(1), began => Assert.NotEqual(0, began));
        await AnswersAsync("pieces");
    }

    [Fact]
    public async Task A_tampered_download_is_thrown_away_and_said()
    {
        Offer("tampered");
        _hub.TamperAt = _hub.Length / 2;

        (await PullAsync("tampered")).Failed(Refused, "digest");
        Assert.Equal(404, (await _home.Gateway.PostAsync("/v1/completions", """{"model":"tampered","prompt":"Hi"}""")).Status);

        _hub.Reset();
        (await PullAsync("tampered")).Succeeded();
        Assert.Equal(0, _hub.Began[0]);
        await AnswersAsync("tampered");
    }

    /// <summary>The hub holds back the other half, and the first has arrived on the disk.</summary>
    private async Task HalfwayAsync()
    {
        await _hub.PausedAsync();
        await Eventually.TrueAsync(
            () => Directory.EnumerateFiles(Path.Combine(_home.Models, "partial"), "*.part").Any(part => new FileInfo(part).Length > 0), "a part of the file is on the disk");
    }

    [Fact]
    public async Task A_pull_that_its_user_interrupts_can_go_on()
    {
        Offer("interrupted");
        _hub.Pause = new();
        await using var pull = Pull("interrupted");
        await HalfwayAsync();
        _ = Processes.Signal(pull.Pid, Processes.Interrupt);

        Assert.Equal(Interrupted, (await pull.EndAsync()).Code);

        _hub.Reset();
        (await PullAsync("interrupted")).Succeeded();
        Assert.NotEqual(0, _hub.Began[0]);
        await AnswersAsync("interrupted");
    }

    [Fact]
    public async Task A_pull_over_which_the_daemon_is_killed_can_go_on()
    {
        Offer("survivor");
        _hub.Pause = new();
        await using var pull = Pull("survivor");
        await HalfwayAsync();
        var daemon = _home.Daemon;
        Processes.Signal(daemon, Processes.Kill);

        Assert.Equal(NotRunning, (await pull.EndAsync()).Code);

        _hub.Reset();
        await Eventually.TrueAsync(() => _home.Alive.Any(process => process.Role == "daemon" && process != daemon), "the next daemon");
        (await PullAsync("survivor")).Succeeded();
        Assert.NotEqual(0, _hub.Began[0]);
        await AnswersAsync("survivor");
    }

    [Fact]
    public async Task What_the_hub_does_not_have_is_said_so() =>
        (await _home.HelixAsync("models", "pull", "hf:nobody/nothing/model.gguf")).Failed(NotFound, "nobody/nothing");

    [Fact]
    public async Task What_is_no_source_is_said_with_the_forms_there_are() =>
        (await _home.HelixAsync("models", "pull", "hf:only-one-part")).Failed(Refused, "hf:owner/");

    [Fact]
    public async Task Nothing_half_named_is_left_when_all_is_done()
    {
        Offer("tidy");
        (await PullAsync("tidy")).Succeeded();

        Assert.All(
            Directory.EnumerateFiles(Path.Combine(_home.Models), "*", SearchOption.AllDirectories),
            file => Assert.DoesNotContain(".part", Path.GetFileName(file), StringComparison.Ordinal));
    }

    /// <summary>The hub has a file that nobody has pulled yet: a model whose answer begins with its name.</summary>
    private void Offer(string name) => _hub.Reset(ScriptedGguf.Make($"{name} {ModelFile.Words(1500)}"));

    private Launched Pull(string name) => Launched.Start(_home.Command("models", "pull", HubStandIn.Source, "--name", name));

    private async Task<Ended> PullAsync(string name)
    {
        await using var pull = Pull(name);
        return await pull.EndAsync();
    }

    private async Task AnswersAsync(string model)
    {
        var reply = (await _home.Gateway.PostAsync("/v1/completions", $$"""{"model":"{{model}}","prompt":"Hi","max_tokens":4,"temperature":0}""")).Is(200);
        Assert.StartsWith(model, (string?)reply.Json["choices"]![0]!["text"], StringComparison.Ordinal);
    }

    public sealed class HomeWithHub : RunningHome
    {
        internal HubStandIn Hub { get; private set; } = null!;

        protected override async Task PrepareAsync()
        {
            Hub = await HubStandIn.StartAsync([]);
            Home.Environment["HF_ENDPOINT"] = Hub.Address;
        }

        protected override async Task DoneAsync() => await Hub.DisposeAsync();
    }
}
