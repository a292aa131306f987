using System.Text;
using System.Text.Json.Nodes;
using Helix.Core.Fleet;
using Helix.Core.Hardware;
using Helix.Core.Live;
using Helix.Live;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Live;

/// <summary>What is kept of the machine's last hour.</summary>
public sealed class MachineDiaryTests
{
    private static readonly TimeSpan s_pace = TimeSpan.FromSeconds(15);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 10, 30, 0, TimeSpan.Zero));
    private readonly FakeFleetView _fleet = new();
    private readonly GpuWatch _gpus;
    private int _asked;
    private ProcessorTime? _processors = new(0, 0);

    public MachineDiaryTests() => _gpus = new(
        _ =>
        {
            _asked++;
            return Task.FromResult<IReadOnlyList<GpuLoad>>([new("a card", 1000, 400 + _asked, 0.5, null, null)]);
        },
        _time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_minute_tells_what_its_looks_saw_on_average()
    {
        var diary = Diary();
        Runs(600);
        Looks(diary, 4, busy: 50);
        Looks(diary, 1, busy: 100);

        var all = await ReadAsync(diary);

        Assert.Equal(["2026-11-29T10:30Z", "2026-11-29T10:31Z"], all.Select(pair => pair.Key));
        var minute = all["2026-11-29T10:30Z"]!;
        // the first look has none before it
        Assert.Equal((0.5, 700L, 600L, 5000L), ((double)minute["cpu"]!, (long)minute["memory_bytes"]!, (long)minute["engines_bytes"]!, (long)minute["disk_free_bytes"]!));
        Assert.Equal("""[{"busy":0.5,"used_bytes":401}]""", minute["gpus"]!.ToJsonString());
        Assert.Equal(1.0, (double)all["2026-11-29T10:31Z"]!["cpu"]!);
    }

    [Fact]
    public async Task What_nobody_measured_is_null_and_not_nothing()
    {
        _processors = null;
        var diary = new MachineDiary(new(() => _processors, () => new(1000, null), () => null, _gpus), _fleet, _time, NullLogger<MachineDiary>.Instance);
        Runs(0);
        diary.Look(Token);

        var minute = (await ReadAsync(diary)).Single().Value!;

        Assert.All((string[])["cpu", "memory_bytes", "engines_bytes", "disk_free_bytes"], key => Assert.Null(minute[key]));
        _fleet.Instances = [];
        _fleet.Set();
        _time.Advance(TimeSpan.FromMinutes(1));
        diary.Look(Token);
        Assert.Equal(0L, (long)(await ReadAsync(diary))["2026-11-29T10:31Z"]!["engines_bytes"]!);
    }

    [Fact]
    public void Cards_are_asked_once_a_minute_and_left_to_sleep_while_no_engine_runs()
    {
        var diary = Diary();
        Looks(diary, 20, busy: 1);
        Assert.Equal(0, _asked);

        Runs(600);
        Looks(diary, 20, busy: 1);
        Assert.Equal(5, _asked);
        // each answer is counted once
        Assert.Equal(5, diary.Current.All.Sum(minute => minute.Gpus.Length));
        Assert.All(diary.Current.All.SelectMany(minute => minute.Gpus), gpu => Assert.Equal(1, gpu.Busy.Count));
    }

    [Fact]
    public void Cards_are_asked_by_one_at_a_time_and_the_last_answer_stands_until_there_is_another()
    {
        var slow = new TaskCompletionSource<IReadOnlyList<GpuLoad>>();
        var answers = new Queue<Task<IReadOnlyList<GpuLoad>>>([slow.Task, Task.FromException<IReadOnlyList<GpuLoad>>(new IOException("no driver")), Task.FromResult<IReadOnlyList<GpuLoad>>([])]);
        var asked = 0;
        var watch = new GpuWatch(
            _ =>
            {
                asked++;
                return answers.Dequeue();
            },
            _time);
        Assert.Equal(0L, watch.Newest(s_pace, Token).Number);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((0L, 1), (watch.Newest(s_pace, Token).Number, asked));

        slow.SetResult([new("a card", null, null, 0.1, null, null)]);
        // what came late is taken, and asked anew at the same moment, in vain
        Assert.Equal((1L, 2), (watch.Newest(s_pace, Token).Number, asked));
        Assert.Equal("a card", Assert.Single(watch.Newest(s_pace, Token).Loads).Name);
        _time.Advance(s_pace);
        Assert.Equal((2L, 3), (watch.Newest(s_pace, Token).Number, asked));
        Assert.Empty(watch.Newest(s_pace, Token).Loads);
    }

    [Fact]
    public async Task It_looks_by_itself_and_a_look_that_breaks_leaves_a_gap()
    {
        var looks = 0;
        var diary = new MachineDiary(
            new(() => ++looks == 1 ? throw new InvalidOperationException("no such file") : _processors, () => new(1000, 300), () => 5000, _gpus), _fleet, _time, NullLogger<MachineDiary>.Instance);
        await diary.StartAsync(Token);

        await Eventually.TrueAsync(() => diary.Current.All is [.., { MemoryBytes.Count: > 0 }], () => _time.Advance(s_pace));
        await diary.StopAsync(Token);
    }

    private MachineDiary Diary() => new(new(() => _processors, () => new(1000, 300), () => 5000, _gpus), _fleet, _time, NullLogger<MachineDiary>.Instance);

    private void Runs(long measured)
    {
        _fleet.Instances = [new("vllm-m", "vllm", "m", ProviderState.Ready, "it answers", 7, 0, DateTimeOffset.UnixEpoch) { MeasuredBytes = measured }];
        _fleet.Set();
    }

    /// <param name="busy">Of a hundred.</param>
    private void Looks(MachineDiary diary, int times, int busy)
    {
        for (var at = 0; at < times; at++)
        {
            var (was, all) = _processors!.Value;
            _processors = new(was + busy, all + 100);
            diary.Look(Token);
            _time.Advance(s_pace);
        }
    }

    private static async Task<JsonObject> ReadAsync(MachineDiary diary)
    {
        var reading = new LiveReading();
        await new MachineMinuteSection(diary).ReadAsync(reading, Token);
        return new(reading.Rows.Select(row => KeyValuePair.Create(row.Key, JsonNode.Parse(Encoding.UTF8.GetString(row.Json)))));
    }
}
