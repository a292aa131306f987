using Helix.Processes;

namespace Helix.Automation;

/// <summary>Keeps every log below a size. The keeper rotates what its children write; this is for all else that lies there.</summary>
internal static class LogCap
{
    private static readonly string[] s_rotated = [".1", ".2"];

    /// <returns>Those that were rotated, and those that could not be, with the reason.</returns>
    public static IReadOnlyList<(string File, string? Problem)> Tend(string logs, long mostBytes)
    {
        if (!Directory.Exists(logs)) return [];
        return [.. Directory.GetFiles(logs, "*", SearchOption.AllDirectories).Where(file => !s_rotated.Contains(Path.GetExtension(file)) && new FileInfo(file) is { LinkTarget: null, Exists: true } its && its.Length > mostBytes).Select(file => (file, Rotate(file)))];
    }

    private static string? Rotate(string file)
    {
        try
        {
            LogRotation.Rotate(file);
            return null;
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            return disk.Message;
        }
    }
}
