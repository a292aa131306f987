using Helix.Storage;

namespace Helix.Processes;

/// <summary>As long as this is held, no keeper can come into a home in which none is.</summary>
internal sealed class QuietHome : IDisposable
{
    private readonly HelixHome _home;
    private readonly RunFolder _folder;
    private readonly KeeperLock _held;

    private QuietHome(HelixHome home, RunFolder folder, KeeperLock held) => (_home, _folder, _held) = (home, folder, held);

    /// <summary>Null where somebody keeps the home, or it cannot be used.</summary>
    public static QuietHome? TryHold(HelixHome home)
    {
        if (RunFolder.Prepare(home) is not RunFolderOutcome.Ready(var folder) || KeeperLock.TryTake(folder, home) is not { } held) return null;
        return new(home, folder, held);
    }

    public void Dispose()
    {
        // all is free before anybody is let in
        _held.Resign(_home);
        _folder.Remove(_home);
        _held.Dispose();
    }
}
