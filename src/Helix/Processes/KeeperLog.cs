using System.Globalization;

namespace Helix.Processes;

/// <summary>The keeper's own few lines. It carries no logging framework: it has to stay small and simple enough never to fail.</summary>
internal sealed class KeeperLog(string path, TimeProvider time)
{
    public void Write(string line)
    {
        try
        {
            File.AppendAllText(path, string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} keeper: {line}\n"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // a full disk must not end the one process that everything else hangs on
        }
    }
}
