namespace Helix.Backup;

/// <summary>A backup cannot be made, read or restored; the message says why, and what was there is as it was.</summary>
/// <param name="code">Stable, for programs, as in <c>ApiError</c>.</param>
internal sealed class BackupException(string message, string remedy, string code = "conflict") : Exception(message)
{
    public string Remedy { get; } = remedy;

    public string Code { get; } = code;
}
