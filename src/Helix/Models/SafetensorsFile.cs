using Helix.Core.Models;

namespace Helix.Models;

/// <summary>Reads the header of a file of weights on disk, no more of it than is needed.</summary>
internal static class SafetensorsFile
{
    private const int FirstRead = 1 << 16;

    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static async Task<SafetensorsReading> ReadAsync(string path, CancellationToken cancellationToken)
    {
        // a pipe or a device has no length, and opening one could wait for ever
        if (GgufFile.LengthOf(path) == 0) return new SafetensorsReading.Bad("it is empty, or no ordinary file");
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var length = RandomAccess.GetLength(file);
        var (prefix, have) = (new byte[Math.Min(FirstRead, length)], 0);
        while (true)
        {
            while (have < prefix.Length)
            {
                var read = await RandomAccess.ReadAsync(file, prefix.AsMemory(have), have, cancellationToken);
                if (read == 0) return new SafetensorsReading.Bad("it became shorter while it was read");
                have += read;
            }

            var reading = SafetensorsHeader.Read(prefix, length);
            if (reading is not SafetensorsReading.NeedMore(var wanted)) return reading;
            Array.Resize(ref prefix, (int)wanted);
        }
    }
}
