using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Helix.Mirrors.Files;

/// <param name="Path">Inside the archive, with <c>/</c>.</param>
internal sealed record Entry(string Path, byte[] Bytes, bool Executable = false)
{
    public Entry(string path, string text, bool executable = false) : this(path, Encoding.UTF8.GetBytes(text), executable)
    {
    }
}

/// <summary>Archives whose bytes depend on their content only.</summary>
internal static class Archive
{
    private static readonly DateTimeOffset s_time = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const UnixFileMode Plain = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Program = Plain | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public static byte[] TarGz(IEnumerable<Entry> entries)
    {
        using var packed = new MemoryStream();
        using (var zipped = new GZipStream(packed, CompressionLevel.Fastest))
        using (var tar = new TarWriter(zipped, TarEntryFormat.Ustar))
        {
            foreach (var entry in entries)
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, entry.Path)
                {
                    DataStream = new MemoryStream(entry.Bytes), Mode = entry.Executable ? Program : Plain, ModificationTime = s_time,
                });
        }

        return packed.ToArray();
    }

    public static byte[] Zip(IEnumerable<Entry> entries)
    {
        using var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var entry in entries)
            {
                var made = zip.CreateEntry(entry.Path, CompressionLevel.Fastest);
                made.LastWriteTime = s_time;
                made.ExternalAttributes = (int)(entry.Executable ? Program : Plain) << 16;
                using var stream = made.Open();
                stream.Write(entry.Bytes);
            }
        }

        return packed.ToArray();
    }
}
