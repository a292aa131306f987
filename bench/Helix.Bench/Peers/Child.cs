#pragma warning disable RS0030 // a bench has no keeper: it starts what it measures by itself, here and nowhere else
using System.Diagnostics;
using System.Net.Sockets;
using Helix.Bench.Wire;

namespace Helix.Bench.Peers;

/// <summary>A program that the bench starts, and ends.</summary>
internal sealed class Child : IDisposable
{
    private static readonly ManualResetEventSlim s_never = new();
    private readonly Process _process;
    private readonly string? _log;

    private Child(Process process, string? log) => (_process, _log) = (process, log);

    public int Pid => _process.Id;

    /// <summary>Waits without spending CPU.</summary>
    public static void Pause(TimeSpan time) => s_never.Wait(time);

    /// <summary>Runs to the end and gives what it wrote to standard output; the time is from before the start to after the end.</summary>
    /// <exception cref="IOException">It ended with another code than 0; the message has its last words.</exception>
    public static (string Output, TimeSpan Time) Run(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? folder = null)
    {
        var info = Info(program, arguments, environment, folder);
        (info.RedirectStandardOutput, info.RedirectStandardError) = (true, true);
        var begun = Stopwatch.GetTimestamp();
        using var process = Process.Start(info)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var time = Stopwatch.GetElapsedTime(begun);
        return process.ExitCode == 0
            ? (output, time)
            : throw new IOException($"{program} {string.Join(' ', info.ArgumentList)} ended with {process.ExitCode}: {Tail(errors.Result + output)}");
    }

    /// <summary>Starts a server; what it says goes to a file.</summary>
    public static Child Start(string log, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var info = Info("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1", "sh", log, program, .. arguments], environment, null);
        return new Child(Process.Start(info)!, log);
    }

    /// <summary>Waits until a request is answered as wished, up to a minute.</summary>
    public void WaitFor(Place place, string path, Func<Answer, bool> isReady)
    {
        for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < TimeSpan.FromMinutes(1); Pause(TimeSpan.FromMilliseconds(20)))
        {
            if (_process.HasExited) throw new IOException($"{_process.StartInfo.ArgumentList[4]} ended with {_process.ExitCode}: {Tail(File.ReadAllText(_log!))}");
            try
            {
                using var link = new HttpLink(place);
                if (isReady(link.Get(path))) return;
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                // not yet
            }
        }

        throw new IOException($"{place} did not become ready within a minute; {_log} says why.");
    }

    public static void Signal(int pid, string signal) => Run("/bin/kill", ["-" + signal, pid.ToString(System.Globalization.CultureInfo.InvariantCulture)]);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            try
            {
                Signal(Pid, "TERM");
            }
            catch (IOException)
            {
                // it has ended meanwhile
            }

            if (!_process.WaitForExit(10_000)) _process.Kill(entireProcessTree: true);
        }

        _process.WaitForExit();
        _process.Dispose();
    }

    private static ProcessStartInfo Info(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment, string? folder)
    {
        var info = new ProcessStartInfo(program, arguments) { UseShellExecute = false, WorkingDirectory = folder ?? "" };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) info.Environment[name] = value;
        return info;
    }

    private static string Tail(string text) => string.Join('\n', text.TrimEnd().Split('\n').TakeLast(8));
}
