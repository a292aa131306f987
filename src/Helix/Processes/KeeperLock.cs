using Microsoft.Win32.SafeHandles;

namespace Helix.Processes;

/// <summary>The right to be the one keeper of a home. It ends with the process that holds it, however that ends.</summary>
internal sealed class KeeperLock : IDisposable
{
    private readonly SafeFileHandle _file;

    private KeeperLock(SafeFileHandle file) => _file = file;

    /// <summary>Null when another process holds it.</summary>
    public static KeeperLock? TryTake(RunFolder folder)
    {
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(folder.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            // .NET has locked it already, unless it was told not to; and a keeper that leaves takes the file away
            if (!NativeLibc.TryLock(file) || !File.Exists(folder.Lock))
                return null;
            var taken = new KeeperLock(file);
            file = null;
            return taken;
        }
        catch (IOException)
        {
            return null;
        }
        finally
        {
            file?.Dispose();
        }
    }

    public void Dispose() => _file.Dispose();
}
