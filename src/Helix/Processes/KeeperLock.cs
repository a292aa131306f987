using Helix.Storage;
using Microsoft.Win32.SafeHandles;

namespace Helix.Processes;

/// <summary>
/// The right to be the one keeper of a home. It ends with the process that holds it, however that ends. One file lies in the run folder,
/// one in the home itself: neither the loss of the one nor of the other lets a second keeper in. The home's says who holds it.
/// </summary>
internal sealed class KeeperLock : IDisposable
{
    private readonly SafeFileHandle _inFolder;
    private readonly SafeFileHandle _inHome;

    private KeeperLock(SafeFileHandle inFolder, SafeFileHandle inHome) => (_inFolder, _inHome) = (inFolder, inHome);

    /// <summary>Null when another process holds it.</summary>
    public static KeeperLock? TryTake(RunFolder folder, HelixHome home)
    {
        SafeFileHandle? inFolder = null, inHome = null;
        try
        {
            // .NET locks what it opens this way, unless it was told not to; and a keeper that leaves takes the folder's file away
            inFolder = Open(folder.Lock);
            if (!NativeLibc.TryLock(inFolder) || !File.Exists(folder.Lock))
                return null;
            inHome = Open(home.KeeperLock);
            // a file system without locks must not keep helix from running: there the folder's lock has to do
            if (!NativeLibc.TryLock(inHome) && NativeLibc.IsHeldByAnother)
                return null;
            if (OperatingSystem.IsLinux() && !NativeOwner.IsStillAt(inHome, home.KeeperLock))
                return null;
            var taken = new KeeperLock(inFolder, inHome);
            (inFolder, inHome) = (null, null);
            return taken;
        }
        catch (IOException)
        {
            return null;
        }
        finally
        {
            inFolder?.Dispose();
            inHome?.Dispose();
        }
    }

    /// <summary>For its owner alone, whatever rights the one who starts the keeper gives to new files.</summary>
    private static SafeFileHandle Open(string path)
    {
        var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // a file system without such rights has none to take away
        }

        return file;
    }

    /// <summary>The living process that holds the lock of a home; null when there is none, or when it is just coming or going.</summary>
    public static ProcessIdentity? Holder(HelixHome home)
    {
        using var file = NativeLibc.OpenToRead(home.KeeperLock);
        if (file.IsInvalid || KeeperSign.Read(file) is not { } sign || sign.Boot != ProcessTable.BootId() || !Journal.IsAlive(sign.Keeper))
            return null;
        return !NativeLibc.TryShareLock(file) && NativeLibc.IsHeldByAnother ? sign.Keeper : null;
    }

    /// <summary>Writes down who holds it.</summary>
    public void Sign(KeeperLog log)
    {
        var self = new ProcessIdentity("keeper", Environment.ProcessId, ProcessTable.StartTicks(Environment.ProcessId));
        try
        {
            new KeeperSign(ProcessTable.BootId(), self).Write(_inHome);
        }
        catch (IOException exception)
        {
            log.Write($"the lock of the home could not be signed: {exception.Message}");
        }
    }

    /// <summary>Nobody is to ask for its holder any more: it leaves. Who has opened the file meanwhile finds that it is not there any more.</summary>
    public void Resign(HelixHome home)
    {
        RandomAccess.SetLength(_inHome, 0);
        if (OperatingSystem.IsLinux())
            File.Delete(home.KeeperLock);
    }

    public void Dispose()
    {
        _inFolder.Dispose();
        _inHome.Dispose();
    }
}
