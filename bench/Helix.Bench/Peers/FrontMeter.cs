using System.Globalization;
using Helix.Bench.Measuring;

namespace Helix.Bench.Peers;

/// <summary>What is measured of a contender in one turn, in this order.</summary>
internal enum Quantity
{
    /// <summary>A second.</summary>
    Answers,

    /// <summary>A second.</summary>
    Events,

    /// <summary>Microseconds for each answer.</summary>
    CpuOfAnswer,

    /// <summary>Microseconds for each event.</summary>
    CpuOfEvent,

    /// <summary>Milliseconds until the whole answer.</summary>
    LatencyP99,

    /// <summary>Milliseconds until the first byte of the answer.</summary>
    FirstP50,

    /// <summary>Milliseconds from one event to the next.</summary>
    GapP99,

    /// <summary>Milliseconds from the engine to the client.</summary>
    TransitP99,

    /// <summary>Megabytes, at most.</summary>
    Memory,
}

/// <summary>What must not happen, and how often it did.</summary>
/// <param name="Lost">Streams that a client left and that the engine went on with.</param>
internal sealed record Mishaps(long Failed, long Wrong, long Changed, long Lost)
{
    public static Mishaps None { get; } = new(0, 0, 0, 0);
}

/// <summary>Has the clients of <c>bench/load</c> ask contenders, and keeps count of what must not happen.</summary>
internal sealed class FrontMeter(Setting setting, LoadMock mock, string model)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    /// <summary>For so long an engine may take to hear that nobody listens any more.</summary>
    private static readonly TimeSpan s_hearing = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, Mishaps> _mishaps = [];

    public Mishaps Of(Contender contender) => _mishaps.GetValueOrDefault(contender.Name, Mishaps.None);

    /// <param name="arguments">As <c>bench/load</c> takes them.</param>
    public LoadRun Run(Contender contender, params IEnumerable<string> arguments)
    {
        var run = LoadRun.Of(Child.Run(Path.Combine(setting.Load, "load"), ["-a", contender.Place.ToString(), "-m", model, .. contender.Headers.SelectMany(header => (string[])["-H", header]), .. arguments]).Output);
        var before = Of(contender);
        _mishaps[contender.Name] = before with { Failed = before.Failed + run.Failed, Wrong = before.Wrong + run.Wrong, Changed = before.Changed + run.Changed };
        return run;
    }

    /// <summary>Until what is compiled and gathered on the way is as it stays.</summary>
    public void WarmUp(Contender contender)
    {
        Run(contender, "-c", "64", "-n", "25000", "-T", "5");
        Run(contender, "-s", "-c", "64", "-n", "1500", "-T", "5");
        Run(contender, "-s", "-i", "5000", "-c", "64", "-n", "192", "-T", "5");
        Run(contender, "-c", "4", "-n", "3000", "-T", "3");
    }

    /// <returns>By <see cref="Quantity"/>, of all turns that belong together the mean.</returns>
    public double[] Measure(Contender contender, LoadShape shape)
    {
        var turns = Enumerable.Range(0, shape.Turns).Select(_ => MeasureOnce(contender, shape)).ToArray();
        return [.. turns[0].Select((_, quantity) => turns.Average(turn => turn[quantity]))];
    }

    private double[] MeasureOnce(Contender contender, LoadShape shape)
    {
        var used = CpuClock.Of(contender.Pids);
        var load = Task.Run(() => Run(contender, shape.Arguments));
        var memory = 0.0;
        do memory = Math.Max(memory, contender.Pids.Sum(ProcFile.ResidentMegabytes));
        while (Task.WaitAny([load], s_look) < 0);
        var run = load.GetAwaiter().GetResult();
        if (run.Answered == 0 || run.Seconds <= 0) throw new IOException($"Asked through {contender.Name} ({shape.Words}), the engine answered nothing; {run.Failed} requests failed, and {run.Wrong} answers were wrong.");
        var cpu = (CpuClock.Of(contender.Pids) - used).TotalMicroseconds;
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  overhead: {shape.Words}: {contender.Name}: {run.Answered / run.Seconds:0} answers/s, p99 {run.LatencyP99 / 1000:0.00} ms, first {run.FirstP50 / 1000:0.000} ms, gap p99 {run.GapP99 / 1000:0.00} ms, {cpu / run.Answered:0.0} µs CPU each, {memory:0} MB"));
        return
        [
            run.Answered / run.Seconds, run.Events / run.Seconds, cpu / run.Answered, cpu / run.Events,
            run.LatencyP99 / 1000, run.FirstP50 / 1000, run.GapP99 / 1000, run.TransitP99 / 1000, memory,
        ];
    }

    /// <summary>Clients leave in the middle of their streams. What the engine has begun and nobody has left was read to its end by the one in front of it.</summary>
    public void Leave(Contender contender)
    {
        var before = mock.Streams();
        Run(contender, "-s", "-i", "5000", "-c", "16", "-n", "64", "-x", "5");
        Child.Pause(s_hearing);
        var after = mock.Streams();
        var lost = after.Begun - before.Begun - (after.Left - before.Left);
        _mishaps[contender.Name] = Of(contender) with { Lost = Of(contender).Lost + lost };
    }
}
