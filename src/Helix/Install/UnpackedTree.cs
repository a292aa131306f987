using Helix.Core.Install;

namespace Helix.Install;

/// <summary>
/// What has come out of archives into a folder that was empty. Nothing is ever written through a link: links are made last,
/// and what an archive says of one name a second time is refused, unless a later layer may replace it.
/// </summary>
internal sealed class UnpackedTree
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly SortedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly string _root;
    private readonly UnpackLimits _limits;
    private readonly byte[] _buffer = new byte[1 << 17];
    private long _bytes;
    private int _count;
    private int _layer;

    public UnpackedTree(string root, UnpackLimits limits)
    {
        (_root, _limits) = (root, limits);
        Directory.CreateDirectory(root);
    }

    private enum Kind
    {
        Folder,
        File,
        Link,
    }

    /// <summary>What comes from now on may replace what came before.</summary>
    public void NextLayer() => _layer++;

    public void AddFolder(string path)
    {
        Count();
        MakeFolder(path);
    }

    /// <param name="crc">What the archive says of the bytes; null where it says nothing.</param>
    public async Task AddFileAsync(string path, Stream? content, bool executable, uint? crc, CancellationToken cancellationToken)
    {
        Count();
        Claim(path, new Entry(Kind.File, null, _layer));
        var sum = new Crc32();
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = executable ? Readable | Executable : Readable;
        await using var file = new FileStream(PathOf(path), options);
        while (content is not null && await content.ReadAsync(_buffer, cancellationToken) is > 0 and var read)
        {
            Spend(read);
            if (crc is not null) sum.Add(_buffer.AsSpan(0, read));
            await file.WriteAsync(_buffer.AsMemory(0, read), cancellationToken);
        }

        if (crc is { } wanted && sum.Value != wanted) throw new BadArchiveException($"{path} is damaged: its check sum is not what the archive says");
    }

    public void AddLink(string path, string target)
    {
        Count();
        if (EntryName.RefuseLink(path, target) is { } why) throw new BadArchiveException($"the link {path} {why} ({target})");
        Claim(path, new Entry(Kind.Link, target, _layer));
    }

    /// <summary>A second name of a file that came before: its bytes again.</summary>
    public void AddCopy(string path, string of)
    {
        Count();
        if (!_entries.TryGetValue(of, out var entry) || entry.Kind != Kind.File) throw new BadArchiveException($"{path} is another name of {of}, which is no file that came before");
        Claim(path, new Entry(Kind.File, null, _layer));
        Spend(new FileInfo(PathOf(of)).Length);
        File.Copy(PathOf(of), PathOf(path));
    }

    /// <summary>Takes away what came in earlier layers.</summary>
    /// <param name="onlyBelow">The folder itself stays.</param>
    public void Remove(string path, bool onlyBelow)
    {
        var below = path.Length == 0 ? "" : path + "/";
        string[] gone = [.. _entries.Where(each => each.Value.Layer < _layer && ((each.Key == path && !onlyBelow) || each.Key.StartsWith(below, StringComparison.Ordinal))).Select(each => each.Key)];
        foreach (var name in gone.Reverse())
        {
            // a folder that a later layer has filled again stays
            if (_entries[name].Kind == Kind.Folder && _entries.Keys.Any(other => other.StartsWith(name + "/", StringComparison.Ordinal))) continue;
            Drop(name);
        }
    }

    /// <summary>Makes the links.</summary>
    public void Finish()
    {
        foreach (var (path, entry) in _entries.Where(each => each.Value.Kind == Kind.Link)) File.CreateSymbolicLink(PathOf(path), entry.Target!);
    }

    private void Claim(string path, Entry entry)
    {
        if (path.LastIndexOf('/') is > 0 and var at) MakeFolder(path[..at]);
        if (_entries.TryGetValue(path, out var before))
        {
            if (before.Layer == _layer) throw new BadArchiveException($"{path} comes twice");
            if (before.Kind == Kind.Folder) Remove(path, onlyBelow: false);
            else Drop(path);
            if (_entries.ContainsKey(path)) throw new BadArchiveException($"{path} is both a folder and something else");
        }

        _entries[path] = entry;
    }

    private void MakeFolder(string path)
    {
        for (var at = path.IndexOf('/'); ; at = path.IndexOf('/', at + 1))
        {
            var folder = at < 0 ? path : path[..at];
            if (_entries.TryGetValue(folder, out var before) && before.Kind != Kind.Folder)
            {
                if (before.Layer == _layer || at >= 0) throw new BadArchiveException($"{path} leads through {folder}, which is no folder");
                Drop(folder);
                before = null;
            }

            if (before is null)
            {
                Directory.CreateDirectory(PathOf(folder));
                _entries[folder] = new Entry(Kind.Folder, null, _layer);
            }

            if (at < 0) return;
        }
    }

    private void Drop(string path)
    {
        var kind = _entries[path].Kind;
        _entries.Remove(path);
        if (kind == Kind.File) File.Delete(PathOf(path));
        else if (kind == Kind.Folder) Directory.Delete(PathOf(path));
    }

    private string PathOf(string path) => Path.Combine(_root, path);

    private void Count()
    {
        if (++_count > _limits.Entries) throw new BadArchiveException($"it has more than {_limits.Entries} entries");
    }

    private void Spend(long bytes)
    {
        _bytes += bytes;
        if (_bytes > _limits.Bytes) throw new BadArchiveException($"it holds more than {_limits.Bytes} bytes, which is more than an archive of its size should, or than is free on the disk");
    }

    private sealed record Entry(Kind Kind, string? Target, int Layer);
}
