using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Core.Hardware;
using Helix.Core.History;
using Helix.Tests.Cli.Fakes;
using Microsoft.AspNetCore.Http;

namespace Helix.Tests.Cli;

/// <summary>Every verb against a fake daemon, word for word.</summary>
public sealed class GoldenTests
{
    private static readonly ModelReport s_model = new(
        "tiny", "/models/tiny.gguf", 1_185_376, "ab12", "llama", "F32", 260_032, 512, null, ["chat", "completion"], "hf:owner/repo/tiny.gguf", FakeDaemon.Moment);

    private static readonly KeyReport s_key = new("laptop", "hx_QZc3YP", ["infer"], FakeDaemon.Moment, null);

    [Fact]
    public async Task The_help_of_every_verb()
    {
        using var line = new CommandLine();
        var text = "";
        foreach (var path in Verbs.Of(line.Tree())) text += await line.TranscriptAsync([.. path.Skip(1), "--help"]);

        GoldenFile.Check("help", text);
    }

    [Fact]
    public async Task Nothing_runs()
    {
        using var line = new CommandLine();

        GoldenFile.Check("not-running", await EachAsync(line,
            ["status"], ["local-llm", "list"], ["local-llm", "logs", "builtin"], ["local-llm", "start", "builtin"], ["chat", "hello there"],
            ["models", "list"], ["models", "pull", "x"], ["keys", "list"], ["restart"], ["stop"]));
    }

    [Fact]
    public async Task What_is_not_understood()
    {
        using var line = new CommandLine();

        GoldenFile.Check("misunderstood", await EachAsync(line,
            [], ["strat"], ["zebra"], ["local-llm"], ["local-llm", "lst"], ["status", "--fromat", "json"], ["status", "--format", "xml"], ["models", "add"],
            ["local-llm", "logs", "x", "-n", "-1"], ["local-llm", "logs", "x", "-n", "many"], ["completion", "tcsh"], ["config", "set", "health.check_interval"], ["keys", "create", "a", "--scope", "root"]));
    }

    [Fact]
    public async Task Listings()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("GET /helix/v1/models", new ModelList([s_model], [new("x.gguf", "is cut off", "fetch it again")]), ApiJson.Default.ModelList);
        daemon.On("GET /helix/v1/keys", new KeyList([s_key]), ApiJson.Default.KeyList);
        daemon.On("GET /helix/v1/health", new HealthReport(false, [new("builtin", "ok", "answers", null), new("disk", "error", "is full", "make room")]), ApiJson.Default.HealthReport);

        GoldenFile.Check("listings", await EachAsync(line,
            ["status"], ["status", "--format", "json"], ["local-llm", "list"], ["local-llm", "list", "--format", "json"],
            ["local-llm", "status"], ["local-llm", "status", "vllm"], ["local-llm", "status", "vlm"],
            ["local-llm", "health"], ["local-llm", "health", "--format", "json"],
            ["models", "list"], ["models", "list", "--format", "json"], ["keys", "list"], ["keys", "list", "--format", "json"]));
    }

    [Fact]
    public async Task A_look_at_the_machine()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        line.Measured = Machine;
        var text = await EachAsync(line, ["doctor"], ["doctor", "--format", "json"]);
        var measured = line.Measured;
        line.Measured = address => measured(address) with { Engine = "libllama is not in /opt/helix/llama." };
        line.Keeper.Socket = null;

        GoldenFile.Check("doctor", text + await EachAsync(line, ["doctor"]));
    }

    [Fact]
    public async Task A_plan()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        var plan = new PlanReport(
            "Linux on x64, 8 cores, 16.0 GB of memory", 12_000_000_000,
            [new("vllm", "vLLM", "high-performance", "Serves many users at once", ProviderState.Unsupported, "not possible here, because it needs a GPU"), new("localai", "LocalAI", "openai-compatible", "One door to many backends", ProviderState.Available, "fits this machine, on the processor")],
            [new("tiny", "gguf", 1_185_376, "llamacpp", "run", 8192, 4, "the default model", true), new("apple", "mlx", 3_000_000_000, "llamacpp", "other", null, null, "the built-in engine does not read mlx", true), new("new", "gguf", 2_000_000_000, "llamacpp", "rest", 8192, 4, "on disk; a request wakes it", false) { Gpus = "2 × NVIDIA L4", TensorParallel = 2, MemoryShare = 0.45 }],
            "new needs 3.0 GiB", "this machine is planned as /m.yaml says, not as it is", 7);
        daemon.On("POST /helix/v1/plan", plan, PlanJson.Default.PlanReport);
        var file = Path.Combine(line.Temporary.Home.Root, "machine.yaml");
        Directory.CreateDirectory(line.Temporary.Home.Root);
        await File.WriteAllTextAsync(file, "os: linux\n", TestContext.Current.CancellationToken);
        var text = await EachAsync(line, ["plan"], ["plan", "--format", "json"], ["plan", "--hardware", "/nowhere/machine.yaml"]);
        daemon.Refuse("POST /helix/v1/plan", 400, new("invalid", "cores: is missing\nmemory_gb: is missing", "docs/CLI_REFERENCE.md shows a machine file."));

        GoldenFile.Check("plan-verb", text + await EachAsync(line, ["plan", "--hardware", file]));
        Assert.Equal(["{\"hardware\":null}", "{\"hardware\":null}", "{\"hardware\":\"os: linux\\n\"}"], daemon.Asked.Select(asked => asked.Body));
    }

    [Fact]
    public async Task What_could_be_safer()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        line.Measured = Machine;
        daemon.On(
            "GET /helix/v1/security",
            new SecurityReport(true, FakeDaemon.Moment, null, FakeDaemon.Moment.AddMinutes(10), ["vllm-tiny"], 1, new(2026, 2, 1),
            [
                new("engine_listens", Severity.Critical, "vllm-tiny", "vllm", "vllm-tiny takes connections at 0.0.0.0:8000", "whoever reaches that address uses it past the gateway", "Stop it", "helix local-llm stop vllm", null),
                new("permissions", Severity.Info, "/home/ann/x", null, "/home/ann/x has the rights 644", "it is nobody else's", "Close it", "chmod 600 '/home/ann/x'", "helix took the rights away"),
            ]),
            SecurityJson.Default.SecurityReport);
        var text = await EachAsync(line, ["doctor", "--harden"], ["doctor", "--harden", "--format", "json"]);
        Assert.Equal(Helix.Cli.ExitCodes.Unhealthy, await line.RunAsync("doctor"));
        Assert.Contains("security: vllm-tiny takes connections at 0.0.0.0:8000", line.Out, StringComparison.Ordinal);

        line.Keeper.Socket = null;
        line.Temporary.WriteConfig("security:\n  network_isolation: false\nbackup:\n  second_place: /mnt/other\n");
        File.SetUnixFileMode(line.Temporary.Home.Config, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        foreach (var folder in new[] { line.Temporary.Home.LocalLlm, Path.GetDirectoryName(line.Temporary.Home.Config)! }) File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        text += await EachAsync(line, ["doctor", "--harden"], ["doctor", "--harden", "--format", "json"]);

        GoldenFile.Check("harden", text);
    }

    [Fact]
    public async Task Models_of_other_programs()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        var found = new FoundModelList(
            [new("ollama:tiny", "ollama", "gguf", 1_185_376, "/ollama/blobs/sha256-ab12", null), new("hf:owner/repo", "hf", "safetensors", 5_000_000_000, "/hub/abc", "repo")],
            [new("jan:half", "/jan/half/model.yml", "its weights are not there")]);
        daemon.On("POST /helix/v1/models/find", found, ApiJson.Default.FoundModelList);
        daemon.On("POST /helix/v1/models/import", s_model, ApiJson.Default.ModelReport);
        var text = await EachAsync(line,
            ["models", "import"], ["models", "import", "--format", "json"], ["models", "import", "--all"], ["models", "import", "ollama:tiny", "--format", "json"], ["models", "import", "tiny", "--all"]);
        daemon.Refuse("POST /helix/v1/models/import", 404, new("not_found", "no program on this machine has a model x", "helix models import shows what there is."));
        text += await EachAsync(line, ["models", "import", "x"]);
        daemon.On("POST /helix/v1/models/find", new FoundModelList([], []), ApiJson.Default.FoundModelList);
        text += await EachAsync(line, ["models", "import"], ["models", "import", "--all"]);

        GoldenFile.Check("import", text);
        Assert.Contains("{\"name\":\"ollama:tiny\"}", daemon.Asked.Where(asked => asked.What == "POST /helix/v1/models/import").Select(asked => asked.Body));
    }

    [Fact]
    public async Task A_look_for_updates()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On(
            "POST /helix/v1/updates/check",
            new UpdateCheckList(
            [
                new("gpt4all", "4.0.0", "4.0.0", "4.0.0", FakeDaemon.Moment, "up to date", null),
                new("vllm", null, null, null, null, "cannot run here", "python3 is not on the PATH"),
            ]),
            ApiJson.Default.UpdateCheckList);

        GoldenFile.Check("updates", await EachAsync(line,
            ["local-llm", "update", "--check"], ["local-llm", "update", "--check", "--format", "json"], ["local-llm", "update", "gpt4all", "--check"], ["local-llm", "update", "--format", "json"]));
    }

    [Fact]
    public async Task An_update_of_helix_itself()
    {
        const string Asked = "POST /helix/v1/updates/helix";
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On(Asked, new SelfUpdateReport(daemon.Status.Pid, "0.1.0+c6558f6dca4e9b1f", null, "waits", "1a2b3c4d is new: it is left to others until 2026-03-04 12:00 UTC (updates.quarantine_days)", null), SelfUpdateApiJson.Default.SelfUpdateReport);
        var text = await EachAsync(line, ["update", "--check"], ["update", "--check", "--format", "json"], ["update", "--check", "--from", "x"], ["update", "--format", "json"], ["update", "--from", ""]);

        daemon.Refuse(Asked, 409, new("refused", "x.tar.gz is not used: the SHA-256 of x.tar.gz is 12, and SHA256SUMS says 34", "Fetch it again."));
        text += await EachAsync(line, ["update", "--from", "https://example.org/x.tar.gz"]);

        daemon.On(Asked, ctx => SwitchAsync(ctx, "0.2.0"));
        text += await EachAsync(line, ["update"], ["status"]);
        daemon.On(Asked, ctx => SwitchAsync(ctx, null));
        text += await EachAsync(line, ["update", "--from", "/builds/helix"]);

        GoldenFile.Check("self-update", text);
        Assert.Equal(["{\"from\":\"https://example.org/x.tar.gz\",\"check\":false}", "{\"from\":null,\"check\":false}", "{\"from\":\"/builds/helix\",\"check\":false}"], daemon.Asked.Where(asked => asked.What == Asked).Skip(2).Select(asked => asked.Body));

        // another daemon answers from then on
        async Task SwitchAsync(Microsoft.AspNetCore.Http.HttpContext context, string? release)
        {
            var report = new SelfUpdateReport(daemon.Status.Pid, "0.1.0+c6558f6dca4e9b1f", daemon.Status.Release, "switching", "0.2.0 was tried and takes over", "0.2.0");
            daemon.Status = daemon.Status with { Pid = daemon.Status.Pid + 1, Release = release };
            await FakeDaemon.JsonAsync(context, report, SelfUpdateApiJson.Default.SelfUpdateReport, 202);
        }
    }

    [Fact]
    public async Task A_start_of_everything()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On(
            "POST /helix/v1/start-all",
            new ProviderList(
            [
                daemon.Status.Providers[0],
                new("llamacpp", "llama-server", ProviderState.Standby, "tiny waits for memory that models used more lately take", null, null, "b1", FakeDaemon.Moment),
                new("gpt4all", "GPT4All", ProviderState.Critical, "ended with exit code 1", null, null, "4.0.0", FakeDaemon.Moment),
            ]),
            ApiJson.Default.ProviderList);

        GoldenFile.Check("start-all", await EachAsync(line,
            ["local-llm", "start", "--all"], ["start", "--all"], ["local-llm", "start"], ["local-llm", "start", "builtin", "--all"], ["start", "--all", "--foreground"]));
    }

    [Fact]
    public async Task A_cleanup()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("POST /helix/v1/cleanup", async context =>
        {
            var dry = context.Request.Query["dry_run"] == "true";
            await FakeDaemon.JsonAsync(
                context,
                new CleanupReport(dry, 3_000_000, [new("release", "koboldai 1.9, neither in use nor the one before", "/p/1.9", 3_000_000, null), new("packagecache", "what npm keeps for helix", "/d/npm", 5, dry ? null : "something is being installed now")]),
                ApiJson.Default.CleanupReport);
        });
        var text = await EachAsync(line, ["local-llm", "cleanup", "--dry-run"], ["local-llm", "cleanup"], ["local-llm", "cleanup", "--format", "json"]);
        daemon.On("POST /helix/v1/cleanup", new CleanupReport(false, 0, []), ApiJson.Default.CleanupReport);

        GoldenFile.Check("cleanup", text + await EachAsync(line, ["local-llm", "cleanup"]));
    }

    [Fact]
    public async Task Empty_listings()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("GET /helix/v1/models", new ModelList([]), ApiJson.Default.ModelList);
        daemon.On("GET /helix/v1/keys", new KeyList([]), ApiJson.Default.KeyList);

        GoldenFile.Check("empty-listings", await EachAsync(line, ["models", "list"], ["models", "list", "--format", "json"], ["keys", "list"]));
    }

    [Fact]
    public async Task Wishes_and_refusals()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("POST /helix/v1/providers/builtin/start", new Done("builtin is ready"), ApiJson.Default.Done);
        daemon.Refuse("POST /helix/v1/providers/vllm/start", 409, new("not_possible", "vllm: not possible here, because it needs a GPU", "helix local-llm list shows all of them"));
        daemon.Refuse("POST /helix/v1/providers/tabbyapi/start", 409, new("not_built", "tabbyapi: fits this machine", "helix local-llm list shows all of them"));
        daemon.On("GET /helix/v1/providers/builtin/logs", ctx => ctx.Response.WriteAsync($"one\ntwo {ctx.Request.QueryString}\n"));
        daemon.On("POST /helix/v1/keys", new CreatedKey("hx_secret", s_key), ApiJson.Default.CreatedKey);
        daemon.On("DELETE /helix/v1/keys/laptop", new Done("laptop is revoked"), ApiJson.Default.Done);
        daemon.On("DELETE /helix/v1/models/a b", new Done("a b is gone"), ApiJson.Default.Done);
        daemon.Refuse("DELETE /helix/v1/models/tiny", 409, new("conflict", "tiny is in use", "stop it first"));

        GoldenFile.Check("wishes", await EachAsync(line,
            ["local-llm", "start", "builtin"], ["local-llm", "start", "vllm"], ["local-llm", "start", "tabbyapi"], ["local-llm", "start", "vlm"],
            ["local-llm", "logs", "builtin", "-n", "2"], ["local-llm", "logs", "nosuch"],
            ["keys", "create", "laptop"], ["keys", "create", "laptop", "--format", "json"], ["keys", "revoke", "laptop"], ["keys", "revoke", "nosuch"],
            ["models", "remove", "tiny"], ["models", "remove", "a b"], ["models", "remove", "a b", "--force"], ["models", "remove", ""], ["keys", "revoke", ""],
            ["models", "add", "/nowhere/model.gguf"], ["models", "add", ""]));
    }

    [Fact]
    public async Task Configuration()
    {
        using var line = new CommandLine();
        line.Temporary.WriteConfig("# mine\nhealth:\n  check_interval: 30  # seconds\n");

        GoldenFile.Check("config", await EachAsync(line,
            ["config", "path"], ["config", "get", "health.check_interval"], ["config", "set", "health.check_interval", "60"], ["config", "get", "health.check_interval"],
            ["local-llm", "config", "set", "providers.enabled", "vllm,localai"], ["config", "set", "providers.enabled", "vllm,lokalai"], ["config", "get", "providers.enabled"],
            ["config", "set", "performance.weights", "{\"response_time\": 0.5, \"throughput\": 0.5}"], ["config", "set", "gateway.port", "5000"],
            ["config", "set", "health.chek_interval", "60"], ["config", "set", "health.check_interval", "often"], ["config", "get", "nosuch.key"], ["config", "get", "performance"],
            ["config", "validate"], ["config", "show"], ["config", "unset", "health.check_interval"], ["config", "unset", "providers.enabled"])
            + await File.ReadAllTextAsync(line.Temporary.Home.Config, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_broken_configuration()
    {
        using var line = new CommandLine();
        line.Temporary.WriteConfig("health:\n  check_interval: often\nhelth:\n");

        GoldenFile.Check("config-broken", await EachAsync(line,
            ["config", "validate"], ["config", "validate", "--format", "json"], ["config", "show"], ["config", "get", "health.max_retries"],
            ["config", "set", "health.max_retries", "5"], ["start"], ["config", "validate", "/nowhere/x.yaml"]));
        Assert.Null(line.Keeper.Started);
    }

    [Fact]
    public async Task Pulls()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        daemon.On("POST /helix/v1/models/pull", Events(
            new PullEvent("resolving", "tiny is at the hub", 0, null, null, null, null),
            new PullEvent("downloading", null, 500_000, 1_000_000, 250_000, null, null),
            new PullEvent("verifying", null, 1_000_000, 1_000_000, null, null, null),
            new PullEvent("done", null, 1_000_000, 1_000_000, null, s_model, null)));
        var text = await line.TranscriptAsync("models", "pull", "tiny");

        line.IsTerminal = true;
        text += await line.TranscriptAsync("models", "pull", "tiny");
        line.IsTerminal = false;
        daemon.On("POST /helix/v1/models/pull", Events(new PullEvent("failed", null, 0, null, null, null, new ApiError("no_space", "the disk is full", "make room"))));
        text += await line.TranscriptAsync("models", "pull", "tiny");
        daemon.On("POST /helix/v1/models/pull", Events(new PullEvent("resolving", null, 0, null, null, null, null)));
        text += await line.TranscriptAsync("models", "pull", "tiny");
        daemon.Refuse("POST /helix/v1/models/pull", 503, new("offline", "the hub cannot be reached", "look at the network"));
        text += await line.TranscriptAsync("models", "pull", "tiny");

        GoldenFile.Check("pull", text);

        static RequestDelegate Events(params PullEvent[] events) => async ctx =>
        {
            foreach (var happened in events) await ctx.Response.WriteAsync(System.Text.Json.JsonSerializer.Serialize(happened, ApiJson.Default.PullEvent) + "\n");
        };
    }

    [Fact]
    public async Task An_interrupted_pull_ends_at_the_daemon_too_and_says_that_it_goes_on()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        var gone = new TaskCompletionSource();
        daemon.On("POST /helix/v1/models/pull", async ctx =>
        {
            ctx.RequestAborted.Register(() => gone.TrySetResult());
            await ctx.Response.WriteAsync("""{"phase":"downloading","detail":null,"done_bytes":1,"total_bytes":2,"bytes_per_second":null,"model":null,"error":null}""" + "\n");
            await ctx.Response.Body.FlushAsync();
            await gone.Task;
        });
        var run = line.RunAsync("models", "pull", "tiny");
        await Eventually.TrueAsync(() => line.Error.Contains("downloading", StringComparison.Ordinal));

        line.Interrupts.Strike();

        Assert.Equal(Helix.Cli.ExitCodes.Interrupted, await run);
        Assert.EndsWith("interrupted; the same command goes on where this one stopped\n", line.Error);
        await gone.Task.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Colours_are_for_terminals_alone()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        (line.IsTerminal, line.Colours) = (true, true);
        await line.RunAsync("local-llm", "list");
        Assert.Contains("\e[32mready\e[0m        answers", line.Out);

        line.IsTerminal = false;
        Assert.DoesNotContain("\e[", await line.TranscriptAsync("local-llm", "list"));
    }

    private static PreflightFacts Machine(string? address) => new(
        new("linux", "x64", null, new(2, 36), 16_000_000_000, 1_000_000_000, [], false, false), new("a processor", ["avx2"], 1, null, null), ["debian"],
        new(16_000_000_000, 12_000_000_000, 8, 1_000_000_000, false, []), new("/home/ann/.helixcode", "ext4", null, true), 4096, new(address ?? "127.0.0.1:4359", address is not null, null, false),
        null, [new(Tool.Git, "/usr/bin/git", "git version 2", null), new(Tool.CMake, null, null, null)], false, new(false, false, [], [], "https://hub.example"), [], [], FakeDaemon.Moment, FakeDaemon.Moment);

    private static async Task<string> EachAsync(CommandLine line, params string[][] commands)
    {
        var text = "";
        foreach (var command in commands) text += await line.TranscriptAsync(command);
        return text;
    }
}
