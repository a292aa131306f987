using System.Diagnostics;

namespace Helix.Tests.StandIns;

#pragma warning disable RS0030 // the stand-in is driven as what it is: a process

/// <summary>One process of a stand-in, known by its pid.</summary>
internal sealed class Running : IAsyncDisposable
{
    private readonly Process _process;

    public Running(ProcessStartInfo start, Action<string?> line)
    {
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, written) => line(written.Data);
        _process.ErrorDataReceived += (_, written) => line(written.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Pid => _process.Id;

    public bool HasEnded => _process.HasExited;

    /// <summary>Resident memory in bytes, now.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public void Kill() => _process.Kill();

    public void Terminate() => Assert.Equal(0, Signal.Send(Pid, Signal.Terminate));

    /// <returns>The exit code; 128 + the signal's number where a signal ended it.</returns>
    public async Task<int> EndAsync()
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!HasEnded) Kill();
        using var limit = new CancellationTokenSource(Eventually.Limit);
        await _process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _process.Dispose();
    }
}
