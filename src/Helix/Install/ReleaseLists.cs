using Helix.Core.Install;
using Helix.Storage;

namespace Helix.Install;

/// <summary>
/// What the files of each release were when it was installed. The lists lie beside the releases, where no engine in a sandbox can come to them.
/// </summary>
/// <param name="providers">Folder of all providers.</param>
internal sealed class ReleaseLists(string providers)
{
    private const string Ending = ".files";

    public static ReleaseLists Of(HelixHome home) => new(home.Providers);

    /// <summary>Null where none was written, or none that can be read.</summary>
    public FileList? Read(string provider, string version)
    {
        try
        {
            var file = FileOf(provider, version);
            return File.Exists(file) ? FileList.Parse(File.ReadAllText(file)) : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <exception cref="IOException">The disk refused.</exception>
    public void Write(string provider, string version, FileList list)
    {
        var file = FileOf(provider, version);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file + ".new", list.Text());
        File.Move(file + ".new", file, overwrite: true);
    }

    /// <summary>What is put in its place next is not compared with it.</summary>
    public void Forget(string provider, string version) => Forget(FileOf(provider, version));

    /// <summary>Forgets the lists of what is not there any more.</summary>
    public void Sweep(string provider, IReadOnlySet<string> versions)
    {
        if (!Directory.Exists(FolderOf(provider))) return;
        foreach (var file in Directory.GetFiles(FolderOf(provider)))
            if (!file.EndsWith(Ending, StringComparison.Ordinal) || !versions.Contains(Path.GetFileNameWithoutExtension(file))) Forget(file);
    }

    private static void Forget(string file)
    {
        if (File.Exists(file)) File.Delete(file);
    }

    private string FolderOf(string provider) => Path.Combine(providers, provider, "files");

    private string FileOf(string provider, string version) => Path.Combine(FolderOf(provider), version + Ending);
}
