namespace Helix.EndToEnd.Harness;

/// <summary>The published program under test: <c>$HELIX_BINARY</c>, else what the launcher built last.</summary>
internal static class Binary
{
    public static string Repository { get; } = FindRepository();

    public static string Path { get; } = Find();

    private static string Find()
    {
        var path = Environment.GetEnvironmentVariable("HELIX_BINARY") is { Length: > 0 } given
            ? System.IO.Path.GetFullPath(given)
            : System.IO.Path.Combine(Repository, "artifacts", "helix", "current", "helix");
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is not there: run `./helix version` first, it builds the program");
    }

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Helix.slnx")))
                return folder.FullName;
        throw new FileNotFoundException($"no folder above {AppContext.BaseDirectory} holds Helix.slnx");
    }
}
