using System.Text;

namespace Helix.Processes;

/// <summary>A small file that is either as it was or as it shall be, at every moment.</summary>
internal static class AtomicFile
{
    /// <summary>A full disk is logged and nothing more: what runs goes on running.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content, KeeperLog log)
    {
        try
        {
            var beside = path + ".new";
            File.WriteAllBytes(beside, content);
            File.Move(beside, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            log.Write($"{path} could not be written: {exception.Message}");
        }
    }

    /// <summary>Makes a file look new. Where that cannot be done, it may be swept away some day as old, and nothing more.</summary>
    public static void Touch(string path, DateTimeOffset moment)
    {
        try
        {
            File.SetLastWriteTimeUtc(path, moment.UtcDateTime);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // see above
        }
    }

    public static void Write(string path, string line, KeeperLog log) => Write(path, Encoding.UTF8.GetBytes(line + "\n"), log);
}
