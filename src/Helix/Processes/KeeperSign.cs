using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Helix.Processes;

/// <summary>What the keeper of a home writes into the lock it holds.</summary>
/// <param name="Boot">In another boot, or on another machine that shares the home, the rest is about somebody else.</param>
internal sealed record KeeperSign(string Boot, ProcessIdentity Keeper)
{
    private const int Longest = 1024;

    /// <summary>Null when nobody has signed.</summary>
    public static KeeperSign? Read(SafeFileHandle file)
    {
        try
        {
            var bytes = new byte[Longest];
            return JsonSerializer.Deserialize(bytes.AsSpan(0, RandomAccess.Read(file, bytes, 0)), KeeperJson.Default.KeeperSign);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <exception cref="IOException">It cannot be written: the disk is full.</exception>
    public void Write(SafeFileHandle file)
    {
        RandomAccess.SetLength(file, 0);
        RandomAccess.Write(file, JsonSerializer.SerializeToUtf8Bytes(this, KeeperJson.Default.KeeperSign), 0);
    }
}
