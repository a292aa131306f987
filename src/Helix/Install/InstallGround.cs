using Helix.Processes;
using Helix.Storage;

namespace Helix.Install;

/// <summary>What installing needs of the world.</summary>
/// <param name="Environment">Of the user: package clients find his settings by it. What helix fetched is behind all that is on his PATH.</param>
/// <param name="OurFile">A file that comes with helix, by its name; null where there is none.</param>
internal sealed record InstallGround(BoundedChild Child, Web Web, Downloads Downloads, Func<Dictionary<string, string>> Environment, HelixHome Home, Func<string, Stream?> OurFile)
{
    public Toolchains Toolchains { get; } = new(Home);

    /// <summary>One core stays with what already runs.</summary>
    public static int Jobs => Math.Max(1, System.Environment.ProcessorCount - 1);

    public static Stream? FileOfHelix(string name) => typeof(InstallGround).Assembly.GetManifestResourceStream($"provider-files/{name}");
}
