using System.Diagnostics;
using System.Text;

namespace Helix.EndToEnd.Harness;

#pragma warning disable RS0030 // the tests stand where a user's shell stands: they start programs and look at what becomes of them

/// <summary>A program that was started, with all it writes.</summary>
internal sealed class Launched : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // a program that leaves a child with our pipe in its hands would make every $(helix start) of a shell hang
    private static readonly TimeSpan s_pipesClose = TimeSpan.FromSeconds(10);

    private readonly Command _command;
    private readonly Process _process;
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private readonly StringBuilder _out = new();
    private readonly StringBuilder _error = new();
    private readonly Task _drained;

    private Launched(Command command, Process process)
    {
        (_command, _process) = (command, process);
        _drained = Task.WhenAll(DrainAsync(process.StandardOutput, _out), DrainAsync(process.StandardError, _error));
    }

    public int Pid => _process.Id;

    public bool IsRunning => !_process.HasExited;

    public string Out => Read(_out);

    public string Error => Read(_error);

    public static Launched Start(Command command)
    {
        var start = new ProcessStartInfo(command.Program, command.Arguments)
        {
            WorkingDirectory = command.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in command.Environment) start.Environment[name] = value;
        return new Launched(command, Process.Start(start)!);
    }

    public static async Task<Ended> RunAsync(Command command, TimeSpan? patience = null)
    {
        await using var launched = Start(command);
        return await launched.EndAsync(patience);
    }

    public async Task<Ended> EndAsync(TimeSpan? patience = null)
    {
        try
        {
            await _process.StandardInput.WriteAsync(_command.Input);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // it ended without reading all: its exit code says whether that was right
        }

        // WaitForExitAsync would also wait for whoever inherited the pipes
        await Eventually.TrueAsync(() => !IsRunning, $"the end of `{_command}`", () => $"so far: {Out}\n{Error}", patience ?? Patience);
        var took = TimeProvider.System.GetElapsedTime(_started);
        Assert.True(
            await Task.WhenAny(_drained, Task.Delay(s_pipesClose, TimeProvider.System)) == _drained,
            $"`{_command}` has ended, but a process it left behind still holds its output");
        return new Ended(_command, _process.ExitCode, Out, Error, took);
    }

    public async ValueTask DisposeAsync()
    {
        if (IsRunning) _process.Kill();
        await _process.WaitForExitAsync(new CancellationTokenSource(s_pipesClose).Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _process.Dispose();
    }

    private static async Task DrainAsync(StreamReader reader, StringBuilder into)
    {
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer) is > 0 and var count)
            lock (into) into.Append(buffer, 0, count); // the reader of Out is another thread
    }

    private static string Read(StringBuilder text)
    {
        lock (text) return text.ToString();
    }
}
