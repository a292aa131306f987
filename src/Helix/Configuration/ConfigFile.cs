using System.Text;
using Helix.Core.Configuration;
using Helix.Storage;

namespace Helix.Configuration;

/// <summary>The configuration on disk.</summary>
internal static class ConfigFile
{
    /// <summary>No honest configuration is larger, in bytes.</summary>
    public const int LargestSize = 1024 * 1024;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads and parses the file; one that is absent or empty means all defaults.</summary>
    public static ConfigOutcome Load(string path) => Read(path) switch
    {
        FileText.Is(var text) => ConfigText.Parse(text),
        FileText.Refused(var why) => new ConfigOutcome.Bad([new("", null, why)]),
        _ => throw new InvalidOperationException("a text is either there or refused"),
    };

    /// <summary>The file's text; empty when the file is absent.</summary>
    public static FileText Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > LargestSize) return TooLarge(path);
            var bytes = new byte[file.Length + 1];
            var count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return count > LargestSize ? TooLarge(path) : new FileText.Is(s_strict.GetString(bytes, 0, count));
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return new FileText.Is("");
        }
        catch (DecoderFallbackException)
        {
            return new FileText.Refused($"{path} is not UTF-8 text; save it as UTF-8");
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            return new FileText.Refused($"{path} cannot be read: {broken.Message}");
        }
    }

    /// <summary>Replaces the file whole or not at all; a link stays a link, and who may read it stays the same.</summary>
    /// <exception cref="IOException">The folder cannot be written, or the disk is full; the old file is as it was.</exception>
    public static void Write(string path, string text)
    {
        var target = TargetOf(path);
        var folder = Directory.CreateDirectory(Path.GetDirectoryName(target)!, HomeFolder.OwnerOnly).FullName;
        var unfinished = Path.Combine(folder, $".{Path.GetFileName(target)}.{Environment.ProcessId}.new");
        try
        {
            using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write))
            {
                if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file.SafeFileHandle, ModeOf(target));
                file.Write(s_strict.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, target, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>The file itself, where the path is a link to it; it may not be there.</summary>
    /// <exception cref="IOException">The links lead back into each other.</exception>
    public static string TargetOf(string path) =>
        new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;

    /// <summary>Writes the commented file of defaults where there is none yet.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static void WriteDefaultIfAbsent(string path)
    {
        if (!File.Exists(path)) Write(path, DefaultConfig.Text);
    }

    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static UnixFileMode ModeOf(string path) =>
        File.Exists(path) ? File.GetUnixFileMode(path) : UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static FileText.Refused TooLarge(string path) =>
        new($"{path} is larger than {LargestSize / 1024} KiB; that is no file of settings");
}

/// <summary>What came of reading a file.</summary>
internal abstract record FileText
{
    private FileText() { }

    internal sealed record Is(string Text) : FileText;

    internal sealed record Refused(string Why) : FileText;
}
