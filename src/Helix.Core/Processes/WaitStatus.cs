namespace Helix.Core.Processes;

/// <summary>How a process ended, taken out of the number that <c>waitpid</c> gives.</summary>
/// <param name="Code">Exit code when it ended by itself, 0 to 255.</param>
/// <param name="Signal">Number of the signal that ended it.</param>
internal readonly record struct WaitStatus(int? Code, int? Signal)
{
    public static WaitStatus Unknown => default;

    /// <summary>As it was inside: whoever waits in a sandbox for an engine that a signal ended tells of it with 128 and the signal's number.</summary>
    public static WaitStatus Within(int? code, int? signal, bool isSandboxed) =>
        isSandboxed && code is > 128 and < 128 + 65 ? new(null, code - 128) : new(code, signal);

    public static WaitStatus Decode(int status) =>
        (status & 0x7f) == 0 ? new((status >> 8) & 0xff, null) : new(null, status & 0x7f);
}
