namespace Helix.Install;

/// <summary>How much an archive may turn into.</summary>
internal sealed record UnpackLimits(long Bytes, int Entries)
{
    private const long Least = 64L * 1000 * 1000;
    private const int MostTimes = 100;
    private const int MostEntries = 500_000;

    /// <summary>A hundred times its own size, and no more than is free on the disk.</summary>
    public static UnpackLimits For(IEnumerable<string> archives, string folder)
    {
        var bytes = Math.Max(Least, archives.Sum(archive => new FileInfo(archive).Length) * MostTimes);
        return new(FreeSpace.At(folder) is { } free ? Math.Min(bytes, Math.Max(0, free - FreeSpace.Reserve)) : bytes, MostEntries);
    }
}

/// <summary>An archive is not one that can be unpacked safely, or not whole.</summary>
internal sealed class BadArchiveException(string message) : Exception(message);
