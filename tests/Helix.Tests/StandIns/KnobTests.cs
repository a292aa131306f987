namespace Helix.Tests.StandIns;

/// <summary>The faults that a test switches on while the stand-in runs.</summary>
public class KnobTests
{
    [Fact]
    public async Task A_knob_is_read_anew_at_each_request()
    {
        await using var run = await StartedAsync();
        Assert.Equal(200, (await run.ChatAsync()).Status);

        run.Turn("""{"answer_garbage": 1}""");
        Assert.Contains("no JSON", (await run.ChatAsync()).Body, StringComparison.Ordinal);

        run.Turn("""{"half_stream": true}""");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => run.ChatAsync(null, ",\"stream\":true"));

        run.Turn("""{"fail_status": 500}""");
        Assert.Equal(500, (await run.ChatAsync()).Status);

        run.Turn("{}");
        Assert.Contains("You said: hello", (await run.ChatAsync()).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_crashes_after_so_many_answers_with_the_code_that_was_asked_for()
    {
        await using var run = new StandInRun();
        run.Turn("""{"crash_after_requests": 2, "crash_code": 134}""");
        var engine = run.Start("llamacpp", "-m", run.Gguf(), "--port", $"{run.Port}");
        await run.ReadyAsync("/health");

        Assert.Equal(200, (await run.ChatAsync()).Status);
        Assert.Equal(200, (await run.ChatAsync()).Status);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => run.ChatAsync());
        Assert.Equal(134, await engine.EndAsync());
    }

    [Fact]
    public async Task It_crashes_at_its_start()
    {
        await using var run = new StandInRun();
        run.Turn("""{"crash_at_start": true}""");

        Assert.Equal(70, await run.EndAsync("vllm", "serve", run.ModelFolder(), "--host", "127.0.0.1", "--port", $"{run.Port}"));
    }

    [Fact]
    public async Task It_ignores_the_signal_to_end_until_the_knob_is_turned_back()
    {
        await using var run = new StandInRun();
        run.Turn("""{"ignore_sigterm": 1}""");
        var engine = run.Start("vllm", "serve", run.ModelFolder(), "--host", "127.0.0.1", "--port", $"{run.Port}");
        await run.ReadyAsync("/health");

        engine.Terminate();
        await Eventually.TrueAsync(() => run.Written.Contains("SIGTERM ignored", StringComparison.Ordinal));
        Assert.False(engine.HasEnded);
        run.Turn("{}");
        engine.Terminate();
        Assert.Equal(0, await engine.EndAsync());
    }

    [Fact]
    public async Task It_has_children_and_memory_as_it_is_told()
    {
        await using var run = new StandInRun();
        run.Turn("""{"fork_children": 2, "leak_mb": 64}""");
        var engine = run.Start("llamacpp", "-m", run.Gguf(), "--port", $"{run.Port}");
        await run.ReadyAsync("/health");
        var children = Children(engine.Pid);
        try
        {
            Assert.Equal(2, children.Count);
            var before = engine.Memory;
            await run.ChatAsync();
            Assert.True(engine.Memory - before > 50L * 1024 * 1024, "64 MiB are kept");
        }
        finally
        {
            foreach (var child in children) _ = Signal.Send(child, 9);
        }
    }

    private static async Task<StandInRun> StartedAsync()
    {
        var run = new StandInRun();
        run.Start("llamacpp", "-m", run.Gguf(), "--port", $"{run.Port}");
        await run.ReadyAsync("/health");
        return run;
    }

    private static List<int> Children(int pid) =>
        [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => name!.All(char.IsAsciiDigit) && ParentOf(name!) == pid).Select(name => int.Parse(name!, null))];

    private static int ParentOf(string pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], null);
        }
        catch (IOException)
        {
            return 0; // it has ended meanwhile
        }
    }
}
