using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using CsCheck;
using Helix.Install;
using Helix.Storage;

namespace Helix.Tests.Install;

public sealed class ArchiveUnpackTests : IDisposable
{
    private static readonly UnpackLimits s_limits = new(1 << 20, 1000);

    private readonly string _root = Directory.CreateTempSubdirectory("helix-test-").FullName;

    private string Target => Path.Combine(_root, "inside");

    private string Archive => Path.Combine(_root, "archive");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Files_folders_links_and_rights_come_out_as_they_went_in()
    {
        Tar(
            Folder("top/"), File("./top/bin/run", "run", executable: true), File("top/lib/liba.so.1", "library"), Link("top/lib/liba.so", "liba.so.1"), Link("top/bin/lib", "../lib"),
            Entry(TarEntryType.HardLink, "top/lib/again", entry => entry.LinkName = "top/lib/liba.so.1"), File("README", "left out"), Folder("top/empty"));

        await UnpackAsync(strip: 1);

        Assert.Equal(["bin/lib", "bin/run", "empty", "lib/again", "lib/liba.so", "lib/liba.so.1"], Names(Target).Where(name => name is not ("bin" or "lib")));
        Assert.Equal("library", Read("bin/lib/liba.so"));
        Assert.Equal("library", Read("lib/again"));
        Assert.True(System.IO.File.GetUnixFileMode(Path.Combine(Target, "bin/run")).HasFlag(UnixFileMode.UserExecute));
        Assert.False(System.IO.File.GetUnixFileMode(Path.Combine(Target, "lib/again")).HasFlag(UnixFileMode.UserExecute));
    }

    [Fact]
    public async Task A_zip_comes_out_as_it_went_in()
    {
        Zip(("top\\a.txt", "a", 0), ("top/run", "run", 0b111_101_101 | 0x8000), ("top/link", "run", 0x1FF | 0xA000), ("top/sub/", "", 0));

        await UnpackAsync(strip: 1);

        Assert.Equal(["a.txt", "link", "run", "sub"], Names(Target));
        Assert.Equal("run", Read("link"));
        Assert.True(System.IO.File.GetUnixFileMode(Path.Combine(Target, "run")).HasFlag(UnixFileMode.UserExecute));
        Assert.False(System.IO.File.GetUnixFileMode(Path.Combine(Target, "a.txt")).HasFlag(UnixFileMode.UserExecute));
    }

    [Fact]
    public async Task Rights_beyond_reading_writing_and_running_are_not_taken_over()
    {
        Tar(Entry(TarEntryType.RegularFile, "run", entry => entry.Mode = UnixFileMode.SetUser | UnixFileMode.SetGroup | UnixFileMode.OtherWrite | UnixFileMode.UserExecute));

        await UnpackAsync();

        Assert.Equal((UnixFileMode)0, System.IO.File.GetUnixFileMode(Path.Combine(Target, "run")) & (UnixFileMode.SetUser | UnixFileMode.SetGroup | UnixFileMode.OtherWrite));
    }

    public static TheoryData<string> Hostile => [.. HostileArchives().Keys];

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task What_reaches_out_is_refused_and_nothing_comes_to_lie_outside(string what)
    {
        System.IO.File.WriteAllText(Path.Combine(_root, "outside"), "untouched");
        Tar(HostileArchives()[what]);

        await Assert.ThrowsAsync<BadArchiveException>(() => UnpackAsync());

        Assert.Equal(["archive", "inside", "outside"], Directory.GetFileSystemEntries(_root).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
        Assert.Equal("untouched", System.IO.File.ReadAllText(Path.Combine(_root, "outside")));
    }

    [Theory]
    [InlineData("../out", 0)]
    [InlineData("..\\out", 0)]
    [InlineData("/tmp/helix-out", 0)]
    [InlineData("a/link", 0xA1FF)]
    [InlineData("fifo", 0x11FF)]
    public async Task A_hostile_zip_is_refused(string name, int mode)
    {
        Zip((name, "../../outside", mode));

        await Assert.ThrowsAsync<BadArchiveException>(() => UnpackAsync());

        Assert.Equal(["archive", "inside"], Directory.GetFileSystemEntries(_root).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_file_of_a_zip_that_is_damaged_is_refused()
    {
        Zip(("a", "the bytes of a file that is stored as it is", 0));
        var bytes = System.IO.File.ReadAllBytes(Archive);
        var at = bytes.AsSpan().IndexOf("bytes"u8);
        bytes[at] ^= 1;
        System.IO.File.WriteAllBytes(Archive, bytes);

        Assert.Contains("check sum", (await Assert.ThrowsAsync<BadArchiveException>(() => UnpackAsync())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_bomb_is_refused_before_it_fills_the_disk(bool zip)
    {
        var much = new string('\0', 5 << 20);
        if (zip) Zip(("a", much, 0));
        else Tar(File("a", much));

        Assert.Contains("more than 1048576 bytes", (await Assert.ThrowsAsync<BadArchiveException>(() => UnpackAsync())).Message, StringComparison.Ordinal);

        Assert.True(new FileInfo(Path.Combine(Target, "a")).Length <= s_limits.Bytes);
    }

    [Fact]
    public async Task Too_many_entries_are_refused()
    {
        Tar([.. Enumerable.Range(0, 1001).Select(i => File($"{i}", ""))]);

        Assert.Contains("more than 1000 entries", (await Assert.ThrowsAsync<BadArchiveException>(() => UnpackAsync())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Half_an_archive_is_refused_wherever_it_was_cut(bool zip)
    {
        if (zip) Zip([.. Enumerable.Range(0, 5).Select(i => ($"file{i}", Noise(i), 0))]);
        else Tar([.. Enumerable.Range(0, 5).Select(i => File($"file{i}", Noise(i)))]);
        var whole = System.IO.File.ReadAllBytes(Archive);
        await UnpackAsync();

        int[] cuts = [.. Enumerable.Range(0, whole.Length).Where(length => length % Math.Max(1, whole.Length / 200) == 0 || length > whole.Length - 30)];
        foreach (var length in cuts)
        {
            Directory.Delete(Target, recursive: true);
            System.IO.File.WriteAllBytes(Archive, whole[..length]);
            Assert.True(await Record.ExceptionAsync(() => UnpackAsync()) is BadArchiveException, $"cut after {length} of {whole.Length} bytes");
        }
    }

    [Fact]
    public void Whatever_an_archive_says_nothing_comes_to_lie_outside()
    {
        var name = Gen.OneOf("a", "b", "a/b", "b/a", "a/b/c", "./a", "../outside", "a/../../outside", "/outside", "b/../a");
        var target = Gen.OneOf("a", "b", ".", "..", "../..", "../outside", "/", "a/..", "b/../..", "../a");
        var kind = Gen.OneOf(TarEntryType.RegularFile, TarEntryType.Directory, TarEntryType.SymbolicLink, TarEntryType.HardLink);
        Gen.Select(name, target, kind).Array[1, 6].Sample(
            entries =>
            {
                System.IO.File.WriteAllText(Path.Combine(_root, "outside"), "untouched");
                Tar([.. entries.Select(entry => entry.Item3 == TarEntryType.RegularFile ? File(entry.Item1, "x") : Entry(entry.Item3, entry.Item1, made => { if (made.EntryType != TarEntryType.Directory) made.LinkName = entry.Item2; }))]);
                try
                {
                    UnpackAsync().GetAwaiter().GetResult();
                    foreach (var link in FileTree.Files(Target).Where(path => new FileInfo(path).LinkTarget is not null))
                    {
                        var end = new FileInfo(link).ResolveLinkTarget(returnFinalTarget: false)!.FullName;
                        if (end != Target && !end.StartsWith(Target + "/", StringComparison.Ordinal)) return false;
                    }
                }
                catch (BadArchiveException)
                {
                    // most are
                }

                var untouched = System.IO.File.ReadAllText(Path.Combine(_root, "outside")) == "untouched" && Directory.GetFileSystemEntries(_root).Length == 3;
                Directory.Delete(Target, recursive: true);
                return untouched;
            },
            iter: 300, threads: 1);
    }

    private static Dictionary<string, TarEntry[]> HostileArchives() => new()
    {
        ["out by dots"] = [File("../outside", "x")],
        ["out by dots below"] = [File("a/../../outside", "x")],
        ["absolute"] = [File("/tmp/helix-outside", "x")],
        ["a link out"] = [Link("a", "../outside")],
        ["an absolute link"] = [Link("a", "/etc")],
        ["a link and a file through it"] = [Folder("b"), Link("a", "b"), File("a/x", "x")],
        ["a link out and a file through it"] = [Link("a", ".."), File("a/outside", "x")],
        ["a link in the place of a folder"] = [File("a/x", "x"), Link("a", "..")],
        ["a chain of links out"] = [Link("a", "."), Link("b", "a/..")],
        ["a hard link out"] = [Entry(TarEntryType.HardLink, "a", entry => entry.LinkName = "../outside")],
        ["a hard link to a link"] = [Link("b", "c"), Entry(TarEntryType.HardLink, "a", entry => entry.LinkName = "b")],
        ["a hard link to what is not there"] = [Entry(TarEntryType.HardLink, "a", entry => entry.LinkName = "b")],
        ["twice the same file"] = [File("a", "x"), File("./a", "y")],
        ["a link in the place of a file"] = [File("a", "x"), Link("a", "b")],
        ["a file in the place of a link"] = [Link("a", "b"), File("a", "x")],
        ["a device"] = [Entry(TarEntryType.CharacterDevice, "a", _ => { })],
        ["a disk"] = [Entry(TarEntryType.BlockDevice, "a", _ => { })],
        ["a pipe"] = [Entry(TarEntryType.Fifo, "a", _ => { })],
    };

    private Task UnpackAsync(int strip = 0) => ArchiveUnpack.UnpackAsync(Archive, Target, strip, s_limits, TestContext.Current.CancellationToken);

    private string Read(string name) => System.IO.File.ReadAllText(Path.Combine(Target, name));

    private static IEnumerable<string> Names(string folder) =>
        Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal).Where(name => !name.StartsWith("bin/lib/", StringComparison.Ordinal));

    private static string Noise(int seed) => string.Concat(Enumerable.Range(0, 3000).Select(i => (char)('!' + (i * 7919 + seed * 104729) % 90)));

    private static PaxTarEntry File(string name, string text, bool executable = false) => Entry(TarEntryType.RegularFile, name, entry =>
    {
        entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        if (executable) entry.Mode |= UnixFileMode.UserExecute;
    });

    private static PaxTarEntry Folder(string name) => Entry(TarEntryType.Directory, name, _ => { });

    private static PaxTarEntry Link(string name, string target) => Entry(TarEntryType.SymbolicLink, name, entry => entry.LinkName = target);

    private static PaxTarEntry Entry(TarEntryType type, string name, Action<PaxTarEntry> shape)
    {
        var entry = new PaxTarEntry(type, name);
        shape(entry);
        return entry;
    }

    private void Tar(params TarEntry[] entries)
    {
        using var file = System.IO.File.Create(Archive);
        using var zipped = new GZipStream(file, CompressionLevel.Fastest);
        using var tar = new TarWriter(zipped);
        foreach (var entry in entries) tar.WriteEntry(entry);
    }

    private void Zip(params (string Name, string Text, int Mode)[] entries)
    {
        using var file = System.IO.File.Create(Archive);
        using var zip = new ZipArchive(file, ZipArchiveMode.Create);
        foreach (var (name, text, mode) in entries)
        {
            var entry = zip.CreateEntry(name, text.Length < 1000 ? CompressionLevel.NoCompression : CompressionLevel.Fastest);
            entry.ExternalAttributes = mode << 16;
            if (text.Length == 0) continue;
            using var content = entry.Open();
            content.Write(Encoding.UTF8.GetBytes(text));
        }
    }
}
