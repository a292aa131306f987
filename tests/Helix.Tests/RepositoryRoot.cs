namespace Helix.Tests;

/// <summary>The folder of the checkout that these tests were built from.</summary>
internal static class RepositoryRoot
{
    public static string Path { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder) =>
        File.Exists(System.IO.Path.Combine(folder, "Helix.slnx")) ? folder
        : Find(System.IO.Path.GetDirectoryName(folder.TrimEnd('/')) ?? throw new InvalidOperationException("the tests run outside a checkout"));
}
