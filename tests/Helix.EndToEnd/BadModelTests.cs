using System.Buffers.Binary;
using Helix.Core.Models;

namespace Helix.EndToEnd;

/// <summary>
/// Broken model files, each given to an engine of its own and to a daemon, under a limit of memory and time:
/// refused in words or served, never a hang, never a dead daemon, never a process left over.
/// </summary>
public sealed class BadModelTests(BadModelTests.LimitedHome home) : IClassFixture<BadModelTests.LimitedHome>
{
    // of writable memory, in kilobytes; a healthy engine with such a model needs a sixth of it
    private const string Limits = "ulimit -c 0 && ulimit -d 1500000";
    private const int CannotLoad = 4, LoopFailed = 5;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly byte[] s_good = ScriptedGguf.Make("A short answer that never comes out wrong.");

    private readonly TempHome _home = home.Home;

    [Fact]
    public async Task No_broken_file_hangs_an_engine_or_starves_the_machine()
    {
        foreach (var (name, bytes) in Broken(seed: 1))
        {
            var path = Path.Combine(_home.Folder, $"engine-{name}.gguf");
            var socket = Path.Combine(_home.Folder, "engine.sock");
            await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
            await using var engine = Launched.Start(_home.Limited(Limits, "engine", "--model", path, "--socket", socket, "--alias", "broken", "--threads", "1", "--context", "512"));
            await Eventually.TrueAsync(async () => !engine.IsRunning || await IsHealthyAsync(socket), $"{name}: the engine loads it or refuses it", () => engine.Error, s_patience);
            if (engine.IsRunning) await AskAsync(new Gateway(new Uri("http://engine"), socket), "broken", engine);
            if (engine.IsRunning) _ = Processes.Signal(engine.Pid, Processes.Terminate);

            // 128 + signal: the library gave up the process itself, which is why it has one of its own
            var ended = await engine.EndAsync(s_patience);
            Assert.True(ended.Code is 0 or CannotLoad or LoopFailed or > 128, $"{name}: {ended}");
            if (ended.Code == CannotLoad) Assert.NotEqual("", ended.Error.TrimEnd().Split('\n')[^1]);
            File.Delete(path);
            File.Delete(socket);
        }
    }

    [Fact]
    public async Task No_broken_file_takes_the_daemon_down_or_leaves_a_process()
    {
        var daemon = _home.Daemon;
        var keeper = _home.Keeper;
        foreach (var (name, bytes) in Broken(seed: 2))
        {
            var path = Path.Combine(_home.Folder, name + ".gguf");
            await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
            var added = await Launched.RunAsync(_home.Command("models", "add", path), s_patience);
            if (added.Code == 0)
            {
                try
                {
                    await AskAsync(_home.Gateway, name);
                }
                catch (TaskCanceledException late)
                {
                    throw new TimeoutException($"{name} was not answered. {(await _home.HelixAsync("local-llm", "list")).Out}\n{string.Join('\n', _home.Alive)}", late);
                }

                (await _home.HelixAsync("models", "remove", name)).Succeeded();
            }
            else
            {
                Assert.True(added.Code < 128 && added.Error.Length > 0, $"{name}: {added}");
            }

            File.Delete(path);
            Assert.Equal((daemon, keeper), (_home.Daemon, _home.Keeper));
        }

        var reply = await _home.Gateway.PostAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"Hi"}]}""");
        Assert.Equal(SelfTestModel.Text, (string?)reply.Is(200).Json["choices"]![0]!["message"]!["content"]);
        await Eventually.TrueAsync(
            () => _home.Engines.All(engine => engine.CommandLine.Contains(SelfTestModel.Id, StringComparison.Ordinal)),
            "no engine is left but the self-test's",
            () => string.Join('\n', _home.Alive));
        Assert.All(Directory.EnumerateFiles(_home.Models, "*", SearchOption.AllDirectories), file => Assert.Contains(SelfTestModel.Id, file, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_is_no_model_at_all_is_refused_in_words()
    {
        var path = Path.Combine(_home.Folder, "letter.gguf");
        await File.WriteAllTextAsync(path, new string('x', 100_000), TestContext.Current.CancellationToken);

        var ended = await _home.HelixAsync("models", "add", path);

        Assert.NotEqual(0, ended.Code);
        Assert.Contains("GGUF", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_said_so()
    {
        var ended = await _home.HelixAsync("models", "add", Path.Combine(_home.Folder, "nowhere.gguf"));

        Assert.NotEqual(0, ended.Code);
        Assert.Contains("nowhere.gguf", ended.Error, StringComparison.Ordinal);
    }

    /// <summary>A third cut short, a third with changed bytes anywhere, a third with changed numbers in the header.</summary>
    private static IEnumerable<(string Name, byte[] Bytes)> Broken(int seed)
    {
        var given = Environment.GetEnvironmentVariable("HELIX_TEST_SEED");
        seed = given is { Length: > 0 } ? int.Parse(given) : seed;
        Ring.Say($"seed {seed} (HELIX_TEST_SEED), {Ring.BadFiles} files");
        ulong[] numbers = [0, 1, 3, 255, 1 << 16, int.MaxValue, uint.MaxValue, 1UL << 40, long.MaxValue, ulong.MaxValue];
        var header = s_good.AsSpan().IndexOf("</s>"u8) * 2;
        var random = new Random(seed);
        for (var number = 0; number < Ring.BadFiles; number++)
        {
            var bytes = (byte[])s_good.Clone();
            switch (number % 3)
            {
                case 0:
                    bytes = bytes[..random.Next(bytes.Length)];
                    break;
                case 1:
                    for (var edits = random.Next(1, 40); edits > 0; edits--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                    break;
                default:
                    BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(random.Next(header)), numbers[random.Next(numbers.Length)]);
                    break;
            }

            yield return ($"broken-{number}", bytes);
        }
    }

    /// <summary>Any answer in good form will do: a changed weight is still a model. An engine that is asked directly may also die of it.</summary>
    private static async Task AskAsync(Gateway gateway, string model, Launched? engine = null)
    {
        try
        {
            var reply = await gateway.PostAsync("/v1/completions", $$"""{"model":"{{model}}","prompt":"Hi","max_tokens":8,"temperature":0}""");
            if (reply.Status != 200) reply.IsError(reply.Status, null);
        }
        catch (HttpRequestException) when (engine is not null)
        {
            await Eventually.TrueAsync(() => !engine.IsRunning, "the engine that did not answer has ended", () => engine.Error, s_patience);
        }
    }

    private static async Task<bool> IsHealthyAsync(string socket)
    {
        try
        {
            return (await new Gateway(new Uri("http://engine"), socket).GetAsync("/health")).Status == 200;
        }
        catch (HttpRequestException)
        {
            return false; // not listening yet, or its library has just ended it
        }
    }

    public sealed class LimitedHome : RunningHome
    {
        private protected override Command StartCommand => Home.Limited(Limits, "start");
    }
}
