using Helix.Install;

namespace Helix.Processes;

/// <summary>Keeps log files from growing without end. A running process goes on writing to the same file: its content is moved away, not the file.</summary>
internal static class LogRotation
{
    /// <summary>Beyond what <c>cleanup.log_megabytes</c> may say: the daemon sees to that, once a minute.</summary>
    private const long LargestBytes = 128 << 20;

    public static void Tend(IEnumerable<string> files, KeeperLog log)
    {
        foreach (var file in files)
        {
            try
            {
                if (new FileInfo(file) is { Exists: true, Length: > LargestBytes })
                    Rotate(file);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                log.Write($"{file} could not be rotated: {exception.Message}");
            }
        }
    }

    /// <summary>Two older pieces are kept, as <c>.1</c> and <c>.2</c>.</summary>
    public static void Rotate(string file)
    {
        var copy = file + ".new.1";
        try
        {
            File.Copy(file, copy, overwrite: true);
            if (File.Exists(file + ".1"))
                File.Move(file + ".1", file + ".2", overwrite: true);
            File.Move(copy, file + ".1");
        }
        catch (IOException problem) when (FreeSpace.IsExhausted(problem))
        {
            // there is no room for a copy: what grows is stopped, and the older pieces stay
            File.Delete(copy);
        }

        using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.SetLength(handle, 0);
    }
}
