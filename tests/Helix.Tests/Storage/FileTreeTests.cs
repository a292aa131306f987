using Helix.Storage;

namespace Helix.Tests.Storage;

public sealed class FileTreeTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("helix-test-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Links_that_lead_back_into_each_other_are_listed_once_and_never_entered()
    {
        Directory.CreateDirectory(Path.Combine(_root, "b", ".hidden"));
        File.WriteAllText(Path.Combine(_root, "b", ".hidden", "file"), "x");
        // entered, these are 3^40 paths
        File.CreateSymbolicLink(Path.Combine(_root, "a"), ".");
        File.CreateSymbolicLink(Path.Combine(_root, "b", "a"), "../a");
        File.CreateSymbolicLink(Path.Combine(_root, "b", "up"), "..");
        File.CreateSymbolicLink(Path.Combine(_root, "b", "nowhere"), "nothing");
        File.CreateSymbolicLink(Path.Combine(_root, "b", "link"), ".hidden/file");

        Assert.Equal(["a", "b/.hidden/file", "b/a", "b/link", "b/nowhere", "b/up"], FileTree.Files(_root).Select(path => Path.GetRelativePath(_root, path)).Order(StringComparer.Ordinal));
    }
}
