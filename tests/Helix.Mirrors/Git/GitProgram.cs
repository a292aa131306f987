using System.Diagnostics;

namespace Helix.Mirrors.Git;

#pragma warning disable RS0030 // the real git makes the repository and packs it

/// <summary>Git with no settings but ours, and the same commit for the same content.</summary>
internal static class GitProgram
{
    public static async Task<string> RunAsync(string folder, params string[] arguments)
    {
        using var process = Start(folder, arguments);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output.Trim() : throw new InvalidOperationException($"git {string.Join(' ', arguments)}: {await error}");
    }

    /// <summary>Sends the input through git into the output.</summary>
    public static async Task PipeAsync(string folder, Stream input, Stream output, string? protocol, CancellationToken cancellationToken, params string[] arguments)
    {
        using var process = Start(folder, arguments, protocol);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            await input.CopyToAsync(process.StandardInput.BaseStream, cancellationToken);
            process.StandardInput.Close();
            await process.StandardOutput.BaseStream.CopyToAsync(output, cancellationToken);
            await error;
        }
        finally
        {
            if (!process.HasExited && cancellationToken.IsCancellationRequested) process.Kill();
        }
    }

    private static Process Start(string folder, string[] arguments, string? protocol = null)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in (ReadOnlySpan<(string, string)>)[("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_AUTHOR_NAME", "stand-in"),
            ("GIT_AUTHOR_EMAIL", "stand-in@example.invalid"), ("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z"), ("GIT_COMMITTER_NAME", "stand-in"),
            ("GIT_COMMITTER_EMAIL", "stand-in@example.invalid"), ("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")])
            start.Environment[name] = value;
        if (protocol is not null) start.Environment["GIT_PROTOCOL"] = protocol;
        return Process.Start(start)!;
    }
}
