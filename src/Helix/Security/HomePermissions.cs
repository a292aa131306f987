using Helix.Core.Security;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Security;

/// <summary>Looks at the rights of what is helix's own, and takes away what others have.</summary>
/// <param name="run">The folder of the sockets; null where helix does not run.</param>
/// <param name="keyFile">Of backups; null for none.</param>
internal sealed class HomePermissions(HelixHome home, RunFolder? run, Func<string?> keyFile)
{
    /// <summary>No folder of state has honestly more.</summary>
    private const int Most = 1000;

    private const int OthersEnter = 0x9, AllRights = 0xfff;

    /// <summary>An engine's own, where root runs helix: see <see cref="RunFolder.EngineSocket"/>.</summary>
    private static readonly string[] s_notOurs = ["engine-", "trial-"];

    public IReadOnlyList<PathFacts> Look()
    {
        if (OperatingSystem.IsWindows()) return [];
        var (facts, isOpen) = (new List<PathFacts>(), IsOpen(home.LocalLlm));
        Add(home.LocalLlm, PathNeed.OwnerOnly, isReachable: true);
        foreach (var folder in new[] { home.State, home.Backups, home.Logs, Path.GetDirectoryName(home.Config)! }) Add(folder, PathNeed.OwnerOnly, isOpen);
        foreach (var file in new[] { home.Config, home.KeeperLock }.Concat(Entries(home.State)).Concat(Entries(home.Backups))) Add(file, PathNeed.OwnerOnly, isOpen && !IsBelowClosed(file));
        // what is run from there, or says what is run
        foreach (var folder in new[] { home.Providers, home.UserProviders, home.Tools }.Concat(Entries(home.UserProviders)).Concat(Entries(home.Providers))) Add(folder, PathNeed.OwnerWrites, isOpen);
        if (run is not null)
        {
            Add(run.Path, PathNeed.OwnerOnly, isReachable: true);
            foreach (var entry in Entries(run.Path).Where(entry => !s_notOurs.Any(start => Path.GetFileName(entry).StartsWith(start, StringComparison.Ordinal)))) Add(entry, PathNeed.OwnerOnly, IsOpen(run.Path));
        }

        if (keyFile() is { } key) Add(key, PathNeed.OwnerOnly, isReachable: true, mayBeClosed: false);
        return facts;

        void Add(string path, PathNeed need, bool isReachable, bool mayBeClosed = true)
        {
            // a link is somebody's wish, and what it leads to is not ours to judge
            if (PathOwner.Of(path) is { IsLink: false } owner) facts.Add(new(path, need, owner.User, owner.Mode & AllRights, isReachable, mayBeClosed));
        }
    }

    /// <summary>Takes rights away from what lies there itself, whatever lies there meanwhile: a link is not followed.</summary>
    /// <returns>Null when it is done; else why not.</returns>
    public static string? Close(PathFacts path, int mode)
    {
        if (OperatingSystem.IsWindows()) return "this system has no such rights";
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                if (PathOwner.Of(path.Path) is { IsLink: true }) return "a link lies there now";
                File.SetUnixFileMode(path.Path, (UnixFileMode)mode);
                return null;
            }

            var descriptor = NativeDescriptor.Open(path.Path, onlyFolder: false);
            if (descriptor < 0) return "it is gone";
            try
            {
                var its = NativeDescriptor.PathOf(descriptor);
                // never more than it has now, and nothing where it became a link meanwhile, which has all rights
                if (PathOwner.Of(path.Path) is not { IsLink: false }) return "a link lies there now";
                File.SetUnixFileMode(its, File.GetUnixFileMode(its) & (UnixFileMode)mode);
                return null;
            }
            finally
            {
                NativeLibc.Close(descriptor);
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return refused.Message;
        }
    }

    private bool IsBelowClosed(string file) => Path.GetDirectoryName(file) is { } folder && folder != home.LocalLlm && !IsOpen(folder);

    private static bool IsOpen(string folder) => PathOwner.Of(folder) is { } owner && (owner.Mode & OthersEnter) != 0;

    private static IEnumerable<string> Entries(string folder)
    {
        try
        {
            return PathOwner.Of(folder) is { IsFolder: true } ? [.. Directory.EnumerateFileSystemEntries(folder).Take(Most)] : [];
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
