using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Helix.Tests.Install;

/// <summary>Small archives made for a test.</summary>
internal static class Packed
{
    /// <summary>A name that begins with * is a program.</summary>
    public static byte[] TarGz(params (string Name, string Text)[] files)
    {
        using var packed = new MemoryStream();
        using (var zipped = new GZipStream(packed, CompressionLevel.Fastest))
        using (var tar = new TarWriter(zipped))
        {
            foreach (var (name, text) in files)
            {
                var entry = new PaxTarEntry(TarEntryType.RegularFile, name.TrimStart('*')) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) };
                if (name[0] == '*') entry.Mode |= UnixFileMode.UserExecute;
                tar.WriteEntry(entry);
            }
        }

        return packed.ToArray();
    }

    public static byte[] Zip(params (string Name, string Text)[] files)
    {
        using var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create))
        {
            foreach (var (name, text) in files)
            {
                using var content = zip.CreateEntry(name).Open();
                content.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return packed.ToArray();
    }

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static string Sha512(byte[] bytes) => Convert.ToHexStringLower(SHA512.HashData(bytes));
}
