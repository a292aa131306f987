using Helix.Core.Hardware;

namespace Helix.Hardware;

/// <summary>What the processors of a Linux machine have done since it began.</summary>
internal static class LinuxProcessors
{
    /// <returns>Null where the system does not tell.</returns>
    public static ProcessorTime? Read()
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            return File.ReadLines("/proc/stat").FirstOrDefault() is { } line ? ProcessorTime.Parse(line) : null;
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
