using Helix.Processes;
using Helix.Storage;

namespace Helix.SelfUpdate;

/// <summary>
/// A newer helix may bring the database to a newer layout, which the one before cannot read. So a copy is made before a switch, and whoever comes back
/// puts it into its place.
/// </summary>
internal static class KeptDatabase
{
    public static string PathIn(HelixHome home) => home.Database + ".before-update";

    /// <summary>To be called before anybody opens the database.</summary>
    /// <param name="own">The program of this daemon.</param>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static void PutBack(HelixHome home, string own, DateTimeOffset now)
    {
        var releases = new HelixReleases(home);
        if (!File.Exists(PathIn(home)) || releases.Memory.Switch is not { } note || releases.VersionOf(own) == note.Version) return;
        if (DatabaseFile.Refusal(home.Database) is null) return;
        DatabaseFile.SetAside(home.Database, now);
        NativeLibc.Rename(PathIn(home), home.Database);
    }

    public static void Forget(HelixHome home)
    {
        if (File.Exists(PathIn(home))) File.Delete(PathIn(home));
    }
}
