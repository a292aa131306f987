using System.Globalization;

namespace Helix.EndToEnd;

/// <summary>Requests for more models than fit into memory, all at once, on a machine that is described as a small one.</summary>
public sealed class BurstTests(BurstTests.SmallMachine home) : IClassFixture<BurstTests.SmallMachine>
{
    // more than fit, also when what each takes was measured and is less than was estimated
    private const int Models = 14;
    private const int RequestsEach = 3;

    private readonly TempHome _home = home.Home;

    [Fact]
    public async Task Every_request_of_a_burst_is_answered_or_told_when_to_come_back_and_memory_never_exceeds_the_budget()
    {
        using var over = new CancellationTokenSource();
        var watch = WatchAsync(over.Token);

        var asked = Enumerable.Range(0, Models * RequestsEach).Select(async number =>
        {
            var model = number % Models;
            var reply = await _home.Gateway.PostAsync("/v1/completions", $$"""{"model":"{{Name(model)}}","prompt":"Once","temperature":0,"max_tokens":400}""");
            return (Model: model, Reply: reply);
        });
        var replies = await Task.WhenAll(asked);
        await over.CancelAsync();
        var seen = await watch;

        foreach (var (model, reply) in replies)
        {
            if (reply.Status == 200) Assert.Equal(Answer(model), (string?)reply.Json["choices"]![0]!["text"]);
            else AssertTold(reply);
        }

        Assert.True(replies.Where(each => each.Reply.Status == 200).Select(each => each.Model).Distinct().Count() > 2, "more models answered than fit at once");
        Assert.True(seen.MostTaken <= seen.Budget, $"engines took {seen.MostTaken} of {seen.Budget} bytes");
        Assert.True(seen.MostReserved <= seen.Budget, $"{seen.MostReserved} of {seen.Budget} bytes were reserved");
        Assert.InRange(seen.MostEngines, 1, Models - 1);
        Assert.True(seen.MostTaken > 0, "no engine was ever measured");
        TestContext.Current.SendDiagnosticMessage(string.Create(
            CultureInfo.InvariantCulture,
            $"burst: {replies.Count(each => each.Reply.Status == 200)} of {replies.Length} answered; at most {seen.MostTaken >> 20} MiB taken and {seen.MostReserved >> 20} MiB reserved of {seen.Budget >> 20} MiB"));
    }

    [Fact]
    public async Task Who_is_refused_and_comes_back_when_told_is_answered_and_nobody_who_is_answered_is_cut_off()
    {
        (await _home.HelixAsync("config", "set", "gateway.model_deadline", "1")).Succeeded();
        using var over = new CancellationTokenSource();
        var watch = WatchAsync(over.Token);

        var told = await Task.WhenAll(Enumerable.Range(0, 2 * Models * RequestsEach).Select(number => AskUntilAnsweredAsync(number % Models)));
        await over.CancelAsync();
        var seen = await watch;
        (await _home.HelixAsync("config", "unset", "gateway.model_deadline")).Succeeded();

        Assert.True(told.Sum() > 0, "nobody was refused: this shows nothing");
        Assert.True(told.Max() <= 10, $"one was told to come back {told.Max()} times");
        Assert.True(seen.MostTaken <= seen.Budget && seen.MostReserved <= seen.Budget, $"engines took {seen.MostTaken} and had {seen.MostReserved} of {seen.Budget} bytes");
        Ring.Say(string.Create(CultureInfo.InvariantCulture, $"{told.Length} answered; {told.Sum()} refusals, at most {told.Max()} of one"));
    }

    /// <summary>A client that does what it is told.</summary>
    /// <returns>How often it was refused.</returns>
    private async Task<int> AskUntilAnsweredAsync(int model)
    {
        for (var refusals = 0; ; refusals++)
        {
            var reply = await _home.Gateway.PostAsync("/v1/completions", $$"""{"model":"{{Name(model)}}","prompt":"Once","temperature":0,"max_tokens":400}""");
            if (reply.Status == 200)
            {
                Assert.Equal(Answer(model), (string?)reply.Json["choices"]![0]!["text"]);
                return refusals;
            }

            var seconds = AssertTold(reply);
            var told = TimeProvider.System.GetTimestamp();
            await Eventually.TrueAsync(() => TimeProvider.System.GetElapsedTime(told).TotalSeconds >= seconds, "the time to come back", deadline: TimeSpan.FromMinutes(3));
        }
    }

    /// <returns>Seconds.</returns>
    private static int AssertTold(Reply reply)
    {
        Assert.True(reply.Status is 429 or 503, $"neither answered nor told to come back: {reply}");
        Assert.True(int.TryParse(reply.Header("retry-after"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 120, $"without a time to come back: {reply}");
        return seconds;
    }

    private async Task<Seen> WatchAsync(CancellationToken over)
    {
        long budget = 0, taken = 0, reserved = 0;
        var most = 0;
        while (!over.IsCancellationRequested)
        {
            var memory = (await _home.Api.GetAsync("/helix/v1/status")).Is(200).Json["memory"]!;
            budget = (long)memory["budget"]!;
            reserved = Math.Max(reserved, (long)memory["reserved"]!);
            var engines = _home.Engines;
            most = Math.Max(most, engines.Count);
            taken = Math.Max(taken, engines.Sum(engine => Processes.SharesOf(engine.Pid)));
        }

        return new(budget, taken, reserved, most);
    }

    private static string Name(int model) => $"burst-{model}";

    private static string Answer(int model) => $"Model number {model} says: {ModelFile.Words(40)}.";

    private sealed record Seen(long Budget, long MostTaken, long MostReserved, int MostEngines);

    public sealed class SmallMachine : RunningHome
    {
        protected override Task PrepareAsync()
        {
            var machine = Path.Combine(Home.Folder, "machine.yaml");
            File.WriteAllText(machine, "os: linux\narchitecture: x64\ncores: 2\nmemory_gb: 0.45\nglibc: 2.39\n");
            // the smallest context: what is reserved is then little more than an engine's process
            Home.Installs = true; // these lines name the providers themselves
            Home.Configure($"  context: 2048\n  slots: 2\nproviders:\n  enabled: [builtin]\nhardware:\n  override: {machine}\n");
            Directory.CreateDirectory(Home.Models);
            for (var model = 0; model < Models; model++) ModelFile.Write(Home.Models, Name(model), Answer(model));
            return Task.CompletedTask;
        }

        protected override Task StartedAsync() => Eventually.TrueAsync(
            async () => (await Home.Gateway.GetAsync("/v1/models")).Body is var listed && Enumerable.Range(0, Models).All(model => listed.Contains($"\"{Name(model)}\"", StringComparison.Ordinal)),
            "all models are listed");
    }
}
