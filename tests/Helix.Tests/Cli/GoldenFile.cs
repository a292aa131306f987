namespace Helix.Tests.Cli;

/// <summary>What a command is known to say. <c>HELIX_UPDATE_GOLDEN=1</c> writes the files anew, to be read before they are kept.</summary>
internal static class GoldenFile
{
    public static void Check(string name, string actual)
    {
        var path = Path.Combine(RepositoryRoot.Path, "tests", "Helix.Tests", "Cli", "Golden", name + ".txt");
        if (Environment.GetEnvironmentVariable("HELIX_UPDATE_GOLDEN") == "1") File.WriteAllText(path, actual);
        Assert.Equal(File.Exists(path) ? File.ReadAllText(path) : "", actual);
    }
}
