namespace Helix.Cli;

/// <summary>A verb ends here; why was said already.</summary>
internal sealed class StoppedException(int exitCode) : Exception
{
    public int ExitCode => exitCode;
}
