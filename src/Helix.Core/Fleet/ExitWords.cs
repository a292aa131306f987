namespace Helix.Core.Fleet;

/// <summary>Says in words why a process ended.</summary>
internal static class ExitWords
{
    /// <param name="code">Exit code, if it ended by itself.</param>
    /// <param name="signal">Number of the signal that ended it, if one did. Both null: nobody saw it end.</param>
    /// <param name="lastLine">The last line it wrote, if any.</param>
    /// <param name="isOurs">It is the built-in engine, whose exit codes are known.</param>
    public static string Describe(int? code, int? signal, string? lastLine, bool isOurs = true)
    {
        var words = (code, signal) switch
        {
            (_, 9) => "killed (SIGKILL: by somebody, or by the kernel because memory ran out)",
            (_, 6) => "aborted itself (SIGABRT)",
            (_, 11) => "crashed (SIGSEGV: it touched memory that was not its own)",
            (_, 4) => "crashed (SIGILL: an instruction that this processor does not have)",
            (_, 7) => "crashed (SIGBUS: a file it had mapped was cut short, or memory is bad)",
            (_, 15) => "ended by SIGTERM",
            (_, { } other) => $"ended by signal {other}",
            (0, _) => "ended by itself without an error",
            (2, _) when isOurs => "refused its arguments",
            (3, _) when isOurs => "refused the native library",
            (4, _) when isOurs => "could not load the model",
            ({ } other, _) => $"ended with exit code {other}",
            _ => "ended while nobody watched; the reason is unknown",
        };
        var last = lastLine is { Length: > 0 } && signal is not (9 or 15) ? $"; its last words: {Shortened(lastLine)}" : "";
        return words + last;
    }

    private static string Shortened(string line) => line.Length <= 300 ? line : line[..300] + " …";
}
