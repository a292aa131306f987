using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

// it is itself a child of the keeper, and must be the parent of what it keeps
#pragma warning disable RS0030

namespace Helix.Processes;

/// <summary>
/// The hidden verb <c>helix group SPEC</c>: keeps the several processes of one engine as if they were one. It runs what has to be run before,
/// starts the processes one after another, ends when one of them ends, and takes all of them with it.
/// </summary>
/// <remarks>Whatever an engine detaches becomes its child too (on Linux), and is ended with the rest.</remarks>
internal static class GroupVerb
{
    private const int BadSpec = 2;
    private const int Ended = 1;
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_stepPatience = TimeSpan.FromMinutes(10);

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not [var text] || GroupSpec.Parse(text) is not { } spec)
        {
            await Console.Error.WriteLineAsync("helix group is started by helix itself");
            return BadSpec;
        }

        NativeLibc.BecomeSubreaper();
        using var stop = new CancellationTokenSource();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, stop));
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, stop));
        var kept = new List<Process>();
        var relays = new List<PortRelay>();
        try
        {
            foreach (var relay in spec.Relays) relays.Add(new PortRelay(relay));
            foreach (var relay in relays) _ = relay.RunAsync(stop.Token);
            foreach (var words in spec.Before)
                if (await StepAsync(words, stop.Token) is not 0 and var code) return Say($"{words[0]} ended with {code}", code);
            foreach (var (process, isLast) in spec.Processes.Select((process, at) => (process, at == spec.Processes.Count - 1)))
            {
                kept.Add(Start(process.Words));
                if (!isLast && process.Ready is { } path && !await AnswersAsync(process.Port, path, kept, stop.Token)) return Say($"{process.Words[0]} did not come up", Ended);
            }

            return await StayAsync(kept, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception broken) when (broken is System.ComponentModel.Win32Exception or InvalidOperationException or SocketException)
        {
            return Say(broken.Message, Ended);
        }
        finally
        {
            foreach (var relay in relays) relay.Dispose();
            await LeaveAsync(spec, kept);
        }
    }

    private static void Stop(PosixSignalContext signal, CancellationTokenSource stop)
    {
        signal.Cancel = true;
        stop.Cancel();
    }

    /// <summary>Lives as long as what it keeps; where that went on by itself, as long as any of it.</summary>
    private static async Task<int> StayAsync(List<Process> kept, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(s_look, TimeProvider.System, cancellationToken);
            if (kept.Find(process => process.HasExited) is { } over) return Say($"{over.StartInfo.FileName} ended with {over.ExitCode}", over.ExitCode == 0 ? Ended : over.ExitCode);
            if (kept.Count == 0 && !Children().Any()) return Say("nothing of what was started runs any more", Ended);
        }
    }

    private static Process Start(IReadOnlyList<string> words) => Process.Start(new ProcessStartInfo(words[0], words.Skip(1)) { UseShellExecute = false })!;

    private static async Task<int> StepAsync(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_stepPatience);
        using var process = Start(words);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            return Say($"{words[0]} was not done in {s_stepPatience.TotalMinutes:0} minutes", Ended);
        }
    }

    private static async Task<bool> AnswersAsync(int port, string path, List<Process> kept, CancellationToken cancellationToken)
    {
        while (kept.TrueForAll(process => !process.HasExited))
        {
            if (await AnswersOnceAsync(port, path, cancellationToken)) return true;
            await Task.Delay(s_look, TimeProvider.System, cancellationToken);
        }

        return false;
    }

    private static async Task<bool> AnswersOnceAsync(int port, string path, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(5));
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), limit.Token);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.0\r\nhost: localhost\r\n\r\n"), limit.Token);
            var head = new byte[16];
            var length = await socket.ReceiveAsync(head, limit.Token);
            return Encoding.ASCII.GetString(head, 0, length) is var line && line.StartsWith("HTTP/1.", StringComparison.Ordinal) && line.Contains(" 2", StringComparison.Ordinal);
        }
        catch (Exception silent) when (silent is SocketException || (silent is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    private static async Task LeaveAsync(GroupSpec spec, List<Process> kept)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(Math.Max(1, spec.StopSeconds)));
        try
        {
            foreach (var words in spec.After) await StepAsync(words, limit.Token);
            // the last that was started is the first to stop: it is the one that is spoken to
            foreach (var process in Enumerable.Reverse(kept).Where(process => !process.HasExited))
            {
                NativeLibc.Kill(process.Id, (int)ProcessSignal.Terminate);
                await process.WaitForExitAsync(limit.Token);
            }
        }
        catch (Exception late) when (late is OperationCanceledException or System.ComponentModel.Win32Exception)
        {
            // what is left is ended the hard way
        }

        foreach (var process in kept.Where(process => !process.HasExited)) process.Kill(entireProcessTree: true);
        foreach (var child in Children().ToArray()) EndTree(child.Pid);
    }

    private static IEnumerable<Core.Processes.ProcStat> Children() => ProcessTable.All().Where(process => process.Parent == Environment.ProcessId);

    private static void EndTree(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill(entireProcessTree: true);
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // it ended meanwhile
        }
    }

    private static int Say(string words, int code)
    {
        Console.Error.WriteLine($"helix: {words}");
        return code;
    }
}
