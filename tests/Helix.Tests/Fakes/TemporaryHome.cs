using Helix.Storage;

namespace Helix.Tests.Fakes;

/// <summary>A home of its own for one test, gone afterwards.</summary>
internal sealed class TemporaryHome : IDisposable
{
    public HelixHome Home { get; } = new(Directory.CreateTempSubdirectory("helix-test-").FullName);

    public string WriteConfig(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Home.Config)!);
        File.WriteAllText(Home.Config, text);
        return Home.Config;
    }

    public void Dispose() => Directory.Delete(Home.Root, recursive: true);
}
