using Helix.Storage;

namespace Helix.Configuration;

/// <summary>The right to edit the configuration file: two edits at the same moment must not undo one another.</summary>
internal static class ConfigLock
{
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Waits for those who edit now. Where no lock can be had at all, the edit itself will say why it cannot be written.</summary>
    public static async Task<IDisposable?> TakeAsync(string path, TimeProvider time, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        while (true)
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!, HomeFolder.OwnerOnly);
                return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
            }
            catch (UnauthorizedAccessException)
            {
                return null;
            }
            catch (IOException) when (time.GetElapsedTime(begun) < s_patience)
            {
                await Task.Delay(s_pace, time, cancellationToken);
            }
            catch (IOException)
            {
                return null;
            }
        }
    }
}
