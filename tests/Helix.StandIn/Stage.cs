using Helix.StandIn.Flags;
using Helix.StandIn.Serving;

namespace Helix.StandIn;

/// <summary>One run of one pose: what it was given, and what every pose does in the same way.</summary>
internal sealed class Stage(string pose, string version, IReadOnlyList<string> arguments)
{
    public string Pose { get; } = pose;

    public string Version { get; } = version;

    /// <summary>The provider's name: some have several programs.</summary>
    public string Provider { get; } = pose switch
    {
        "fastchat-controller" or "fastchat-worker" or "fastchat-api" => "fastchat",
        "llmster" or "lms" => "lmstudio",
        _ => pose,
    };

    public IReadOnlyList<string> Arguments { get; } = arguments;

    public Faults Faults { get; } = new();

    public static int Pid => Environment.ProcessId;

    /// <summary>Null where the variable is not set or empty.</summary>
    public static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    public static void Log(string line) => Console.Error.WriteLine(line);

    public static void Say(string line) => Console.Out.WriteLine(line);

    /// <summary>The answer to any question: it names who answers.</summary>
    public string Answer(string model, string asked) => $"I am a stand-in for {Provider} {Version}, model {model}. You said: {asked}";

    public ParsedFlags Parse(FlagStyle style, string program, string table, int skip = 0) =>
        new FlagTable(style, program, table).Parse([.. Arguments.Skip(skip)]);

    /// <summary>Takes the time that loading is told to take, starts the children it is told to start, and crashes if it is told to.</summary>
    public async Task LoadAsync()
    {
        var knobs = Knobs.Read();
        if (knobs.CrashAtStart) throw new Exit(knobs.CrashCode, "stand-in: told to crash at start (crash_at_start)");
        Children.Start(knobs.ForkChildren);
        if (knobs.LoadMs > 0) await Task.Delay(TimeSpan.FromMilliseconds(knobs.LoadMs), TimeProvider.System);
    }

    /// <summary>Serves until a signal ends it.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> ServeAsync(Site site, Stopping stopping)
    {
        using var signals = new Signals(site, stopping);
        return await signals.EndAsync();
    }
}
