using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using Helix.Core.Install;

namespace Helix.Install;

/// <summary>Unpacks tar.gz and zip into an empty folder. An archive that is not whole, or that reaches out of the folder, is refused as a whole.</summary>
internal static class ArchiveUnpack
{
    private const int UnixKind = 0xF000;
    private const int UnixLink = 0xA000;
    private const int UnixFile = 0x8000;
    private const int UnixFolder = 0x4000;
    private const int LongestLink = 4096;

    public static async Task<InstallOutcome.Failed?> RunAsync(InstallRun run, FetchedAsset.Done fetched, string folder, int strip, CancellationToken cancellationToken)
    {
        var archive = fetched.Path;
        var step = $"unpacking {Path.GetFileName(archive)}";
        run.Begin(step);
        try
        {
            await UnpackAsync(archive, folder, strip, UnpackLimits.For([archive], run.Job.Staging), cancellationToken);
            return null;
        }
        catch (BadArchiveException bad)
        {
            var reason = $"{Path.GetFileName(archive)} was refused: {bad.Message}";
            if (!fetched.Doubt()) return new(step, reason, "Nothing of it was installed. It came so from its makers, whole: tell them.", false);
            return new(step, reason, "It was thrown away, and is fetched again by itself. If it stays so, name a mirror in sources.mirrors.", true);
        }
    }

    /// <exception cref="BadArchiveException">It is refused; the message says why. The folder is to be thrown away.</exception>
    public static async Task UnpackAsync(string archive, string folder, int strip, UnpackLimits limits, CancellationToken cancellationToken)
    {
        var tree = new UnpackedTree(folder, limits);
        await using var stream = new FileStream(archive, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        try
        {
            var first = new byte[4];
            await stream.ReadAtLeastAsync(first, first.Length, throwOnEndOfStream: false, cancellationToken);
            stream.Position = 0;
            switch (first)
            {
                case [0x1F, 0x8B, ..]: await CheckEndAsync(stream, await TarAsync(tree, stream, name => EntryName.Of(name, strip), cancellationToken), cancellationToken); break;
                case [(byte)'P', (byte)'K', ..]: await ZipAsync(tree, stream, strip, cancellationToken); break;
                default: throw new BadArchiveException("it is neither tar.gz nor zip");
            }

            tree.Finish();
        }
        catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException or FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            throw new BadArchiveException($"it is not whole, or not well made: {broken.Message}");
        }
    }

    /// <param name="stream">tar.gz.</param>
    /// <param name="nameOf">Where an entry may be written.</param>
    /// <returns>Everything that was in it.</returns>
    public static async Task<SummedStream> TarAsync(UnpackedTree tree, Stream stream, Func<string, EntryName> nameOf, CancellationToken cancellationToken)
    {
        await using var zipped = new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true);
        return await EntriesAsync(tree, zipped, nameOf, static _ => false, cancellationToken);
    }

    /// <summary>One layer of an image: tar, or tar.gz in one or more parts.</summary>
    /// <param name="special">True when a name was a sign and no file.</param>
    /// <exception cref="BadArchiveException">It is refused; the message says why. The folder is to be thrown away.</exception>
    public static async Task LayerAsync(UnpackedTree tree, Stream stream, string mediaType, Func<string, bool> special, CancellationToken cancellationToken)
    {
        try
        {
            if (mediaType.EndsWith("gzip", StringComparison.Ordinal))
            {
                await using var zipped = new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true);
                await EntriesAsync(tree, zipped, static name => EntryName.Of(name, 0), special, cancellationToken);
            }
            else if (mediaType.EndsWith("tar", StringComparison.Ordinal)) await EntriesAsync(tree, stream, static name => EntryName.Of(name, 0), special, cancellationToken);
            else throw new BadArchiveException($"helix cannot unpack {mediaType}");
        }
        catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException or FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            throw new BadArchiveException($"it is not whole, or not well made: {broken.Message}");
        }
    }

    private static async Task<SummedStream> EntriesAsync(UnpackedTree tree, Stream stream, Func<string, EntryName> nameOf, Func<string, bool> special, CancellationToken cancellationToken)
    {
        var unzipped = new SummedStream(stream);
        await using (var tar = new TarReader(unzipped, leaveOpen: true))
        {
            while (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
            {
                if (entry.EntryType == TarEntryType.GlobalExtendedAttributes) continue;
                switch (nameOf(entry.Name))
                {
                    case EntryName.Bad(var why): throw new BadArchiveException($"{entry.Name} {why}");
                    case EntryName.Good(var path) when !special(path): await AddAsync(tree, entry, path, nameOf, cancellationToken); break;
                }
            }
        }

        // what follows the last entry is read, too: only the end tells whether all was there, and nothing but zeros belongs there
        var rest = new byte[1 << 16];
        while (await unzipped.ReadAsync(rest, cancellationToken) is > 0 and var read)
            if (rest.AsSpan(0, read).ContainsAnyExcept((byte)0)) throw new BadArchiveException("something follows its end");
        return unzipped;
    }

    /// <summary>.NET takes a gzip whose last bytes are missing: they are the check sum and the length of all before.</summary>
    private static async Task CheckEndAsync(FileStream stream, SummedStream read, CancellationToken cancellationToken)
    {
        var end = new byte[8];
        stream.Position = Math.Max(0, stream.Length - end.Length);
        await stream.ReadAtLeastAsync(end, end.Length, throwOnEndOfStream: true, cancellationToken);
        if (BinaryPrimitives.ReadUInt32LittleEndian(end) != read.Sum || BinaryPrimitives.ReadUInt32LittleEndian(end.AsSpan(4)) != (uint)read.Bytes)
            throw new BadArchiveException("its end is missing or damaged");
    }

    private static async Task AddAsync(UnpackedTree tree, TarEntry entry, string path, Func<string, EntryName> nameOf, CancellationToken cancellationToken)
    {
        switch (entry.EntryType)
        {
            case TarEntryType.Directory: tree.AddFolder(path); break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                await tree.AddFileAsync(path, entry.DataStream, IsExecutable((int)entry.Mode), null, cancellationToken);
                break;
            case TarEntryType.SymbolicLink: tree.AddLink(path, entry.LinkName); break;
            case TarEntryType.HardLink when nameOf(entry.LinkName) is EntryName.Good(var of): tree.AddCopy(path, of); break;
            case TarEntryType.HardLink: throw new BadArchiveException($"{entry.Name} is another name of {entry.LinkName}, which is not in it");
            default: throw new BadArchiveException($"{entry.Name} is neither file nor folder nor link ({entry.EntryType})");
        }
    }

    private static async Task ZipAsync(UnpackedTree tree, Stream stream, int strip, CancellationToken cancellationToken)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        foreach (var entry in zip.Entries)
        {
            if (entry.IsEncrypted) throw new BadArchiveException($"{entry.FullName} is encrypted");
            switch (EntryName.Of(entry.FullName, strip))
            {
                case EntryName.Bad(var why): throw new BadArchiveException($"{entry.FullName} {why}");
                case EntryName.Good(var path): await AddAsync(tree, entry, path, cancellationToken); break;
            }
        }
    }

    private static async Task AddAsync(UnpackedTree tree, ZipArchiveEntry entry, string path, CancellationToken cancellationToken)
    {
        var mode = (int)((uint)entry.ExternalAttributes >> 16);
        if (entry.FullName.EndsWith('/') || entry.FullName.EndsWith('\\') || (mode & UnixKind) == UnixFolder)
        {
            tree.AddFolder(path);
            return;
        }

        await using var content = await entry.OpenAsync(cancellationToken);
        switch (mode & UnixKind)
        {
            case UnixLink:
                var target = new byte[LongestLink + 1];
                var length = await content.ReadAtLeastAsync(target, target.Length, throwOnEndOfStream: false, cancellationToken);
                if (length > LongestLink) throw new BadArchiveException($"the link {entry.FullName} leads nowhere");
                tree.AddLink(path, System.Text.Encoding.UTF8.GetString(target, 0, length));
                break;
            case UnixFile or 0: await tree.AddFileAsync(path, content, IsExecutable(mode), entry.Crc32, cancellationToken); break;
            default: throw new BadArchiveException($"{entry.FullName} is neither file nor folder nor link");
        }
    }

    private static bool IsExecutable(int mode) => (mode & 0b001_001_001) != 0;
}
