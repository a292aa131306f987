namespace Helix.Processes;

/// <summary>Keeps log files from growing without end. A running process goes on writing to the same file: its content is moved away, not the file.</summary>
internal static class LogRotation
{
    private const long LargestBytes = 10 << 20;

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
        if (File.Exists(file + ".1"))
            File.Move(file + ".1", file + ".2", overwrite: true);
        File.Copy(file, file + ".1");
        using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.SetLength(handle, 0);
    }
}
