using System.Security.Cryptography;
using Helix.Core.Install;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Install;

/// <summary>Reads every file of a folder to its end, and writes down its digest.</summary>
internal static class FolderDigests
{
    /// <exception cref="IOException">The folder is not there, or changes while it is read.</exception>
    public static FileList Of(string folder, CancellationToken cancellationToken = default)
    {
        var marks = new List<KeyValuePair<string, string>>();
        foreach (var path in FileTree.Files(folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (MarkOf(path) is { } mark) marks.Add(new(Path.GetRelativePath(folder, path), mark));
        }

        return FileList.Of(marks);
    }

    /// <summary>The same, with some files read anew.</summary>
    public static FileList Again(FileList list, string folder, IEnumerable<string> names) =>
        FileList.Of(list.Marks.SetItems(names.Where(name => File.Exists(Path.Combine(folder, name))).Select(name => KeyValuePair.Create(name, MarkOf(Path.Combine(folder, name))!))));

    /// <summary>Null for what is neither a file nor a link: nobody may ever write to a pipe.</summary>
    private static string? MarkOf(string path)
    {
        if (new FileInfo(path).LinkTarget is { } target) return FileList.LinkTo(target);
        if (PathOwner.Of(path) is not { IsFile: true } owner) return null;
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, Options = FileOptions.SequentialScan });
        return FileList.MarkOf(Convert.ToHexStringLower(SHA256.HashData(file)), owner.IsExecutable);
    }
}
