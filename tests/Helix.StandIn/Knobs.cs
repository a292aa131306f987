using System.Globalization;
using System.Text.Json;

namespace Helix.StandIn;

/// <summary>
/// What a test wants to go wrong. Read anew at each request, from <c>STANDIN_NAME</c> variables, then from the JSON files <c>$STANDIN_KNOBS</c>,
/// <c>standin.json</c> in the working folder and <c>$HOME/standin.json</c>; a later one wins, key by key.
/// </summary>
internal sealed class Knobs
{
    private readonly Dictionary<string, string> _values;

    private Knobs(Dictionary<string, string> values) => _values = values;

    /// <summary>How long loading the model takes, in milliseconds.</summary>
    public int LoadMs => Number("load_ms");

    /// <summary>So many generations are answered; the next one kills the process. 0: never.</summary>
    public int CrashAfterRequests => Number("crash_after_requests");

    public bool CrashAtStart => Number("crash_at_start") != 0;

    /// <summary>Exit code of <see cref="CrashAtStart"/> and <see cref="CrashAfterRequests"/>.</summary>
    public int CrashCode => Number("crash_code", 70);

    /// <summary>Says that all is well and never gives a token.</summary>
    public bool Wedge => Number("wedge") != 0;

    /// <summary>What it answers, whatever it is asked. Empty: its own words.</summary>
    public string Answer => _values.GetValueOrDefault("answer", "");

    /// <summary>Pause before each token, in milliseconds.</summary>
    public int SlowTokensMs => Number("slow_tokens_ms");

    public bool IgnoreSigterm => Number("ignore_sigterm") != 0;

    /// <summary>Answers a generation with status 200 and bytes that are no JSON.</summary>
    public bool AnswerGarbage => Number("answer_garbage") != 0;

    /// <summary>Answers a generation with this status and the pose's own error shape. 0: does not.</summary>
    public int FailStatus => Number("fail_status");

    /// <summary>At the next generation it says this and ends with exit code 1; then the knob is gone from <c>$HOME/standin.json</c>. Empty: it does not.</summary>
    public string DieSaying => _values.GetValueOrDefault("die_saying", "");

    /// <summary>What goes wrong at a request goes wrong at one only: then the knobs are gone from <c>$HOME/standin.json</c>.</summary>
    public bool Once => Number("once") != 0;

    /// <summary>Each generation takes so much memory and keeps it, in MiB.</summary>
    public int LeakMb => Number("leak_mb");

    /// <summary>Children to start while loading.</summary>
    public int ForkChildren => Number("fork_children");

    /// <summary>Breaks each stream off in its middle, and any other answer before its first byte.</summary>
    public bool HalfStream => Number("half_stream") != 0;

    /// <summary>The health route says that the engine is dead, where the real one can say so.</summary>
    public bool Sick => Number("sick") != 0;

    /// <summary>What was to go wrong once has gone wrong.</summary>
    public static void Forget()
    {
        if (Stage.Variable("HOME") is { } home) File.Delete(Path.Combine(home, "standin.json"));
    }

    public static Knobs Read()
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
            if (variable.Key is string name && name.StartsWith("STANDIN_", StringComparison.Ordinal))
                values[name["STANDIN_".Length..]] = (string)variable.Value!;
        foreach (var file in Files()) Add(file, values);
        return new Knobs(values);
    }

    private static IEnumerable<string> Files()
    {
        if (Stage.Variable("STANDIN_KNOBS") is { } named) yield return named;
        yield return Path.Combine(Environment.CurrentDirectory, "standin.json");
        if (Stage.Variable("HOME") is { } home) yield return Path.Combine(home, "standin.json");
    }

    private static void Add(string file, Dictionary<string, string> values)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (var member in json.RootElement.EnumerateObject()) values[member.Name] = member.Value.ToString();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // there is no such file: nothing is to go wrong
        }
        catch (JsonException)
        {
            // being written right now: the next request reads it
        }
    }

    private int Number(string name, int otherwise = 0) => _values.GetValueOrDefault(name) switch
    {
        null => otherwise,
        "true" or "True" => 1,
        "false" or "False" => 0,
        var text => int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : throw new Exit(64, $"stand-in: the knob {name} is \"{text}\", not a number"),
    };
}
