using Helix.Core.Models;

namespace Helix.Install;

/// <summary>Room on the disk.</summary>
internal static class FreeSpace
{
    /// <summary>What must stay free beside a file that is written.</summary>
    public const long Reserve = 64L * 1000 * 1000;

    private const int NoSpaceOnDevice = 28;
    private const int QuotaExceeded = 122;
    private const int QuotaExceededOnMac = 69;

    /// <summary>Bytes that this user may still write to the disk that holds <paramref name="folder"/>; null if the system does not say.</summary>
    public static long? At(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The same beside all that the disk holds; null if the system does not say.</summary>
    public static (long Free, long Total)? Of(string folder)
    {
        try
        {
            return new DriveInfo(folder) is var drive ? (drive.AvailableFreeSpace, drive.TotalSize) : null;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    public static bool IsExhausted(IOException problem) =>
        problem.HResult is NoSpaceOnDevice or QuotaExceeded || (OperatingSystem.IsMacOS() && problem.HResult == QuotaExceededOnMac);

    /// <summary>Null if <paramref name="bytes"/> more fit, else why not.</summary>
    public static DownloadResult.Failed? Refusal(string folder, long bytes) =>
        At(folder) is { } free && free < bytes + Reserve ? Exhausted(folder, bytes) : null;

    /// <param name="bytes">Still to be written.</param>
    public static DownloadResult.Failed Exhausted(string folder, long? bytes)
    {
        var needed = bytes is { } known ? $"{ByteCount.Words(known + Reserve)} ({known + Reserve} bytes) are needed" : "more is needed";
        var free = At(folder) is { } left ? $"{ByteCount.Words(left)} ({left} bytes) are free" : "the disk is full";
        return new(DownloadTrouble.NoSpace, $"there is not enough room in {folder}: {needed}, {free}", "Free some disk space (`helix models remove NAME`), or set HELIX_HOME to a larger disk. What has arrived is continued.");
    }
}
