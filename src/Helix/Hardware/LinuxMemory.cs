using System.Globalization;

namespace Helix.Hardware;

/// <summary>Memory of a Linux machine, or of the container around this process.</summary>
internal static class LinuxMemory
{
    /// <param name="root">Of the file system; another one in tests.</param>
    public static MemoryFacts Read(string root)
    {
        var lines = Lines(Path.Combine(root, "proc/meminfo")).ToDictionary(line => line.Split(':')[0], line => line, StringComparer.Ordinal);
        var total = Kilobytes(lines, "MemTotal") ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var available = Kilobytes(lines, "MemAvailable");
        foreach (var (limit, used) in Limits(root))
        {
            total = Math.Min(total, limit);
            if (used is { } taken) available = Math.Min(available ?? long.MaxValue, Math.Max(0, limit - taken));
        }

        return new MemoryFacts(total, available);
    }

    /// <summary>Limits of this process's control groups and all above them; version 2 where it has one, else version 1.</summary>
    private static IEnumerable<(long Limit, long? Used)> Limits(string root)
    {
        foreach (var line in Lines(Path.Combine(root, "proc/self/cgroup")))
        {
            if (line.Split(':', 3) is not [_, var controllers, var path]) continue;
            var isFirst = controllers.Split(',').Contains("memory");
            if (controllers.Length > 0 && !isFirst) continue;
            var (mount, limitFile, usedFile) = isFirst
                ? ("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes")
                : ("sys/fs/cgroup", "memory.max", "memory.current");
            for (var group = path.Trim('/'); ; group = Path.GetDirectoryName(group) ?? "")
            {
                var folder = Path.Combine(root, mount, group);
                if (Number(Path.Combine(folder, limitFile)) is > 0 and var limit) yield return (limit, Used(folder, usedFile));
                if (group.Length == 0) break;
            }
        }
    }

    /// <summary>Without the cache of files, which is given back when it is needed.</summary>
    private static long? Used(string folder, string file)
    {
        var cache = Lines(Path.Combine(folder, "memory.stat"))
            .Select(line => line.Split(' '))
            .Where(pair => pair is ["inactive_file" or "total_inactive_file", _])
            .Select(pair => long.TryParse(pair[1], CultureInfo.InvariantCulture, out var bytes) ? bytes : 0)
            .DefaultIfEmpty(0).Max();
        return Number(Path.Combine(folder, file)) is { } used ? Math.Max(0, used - cache) : null;
    }

    private static long? Kilobytes(Dictionary<string, string> lines, string key) =>
        lines.TryGetValue(key, out var line) && long.TryParse(line[(key.Length + 1)..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture, out var kilobytes)
            ? kilobytes * 1024
            : null;

    private static long? Number(string path) => Lines(path) is [var text, ..] && long.TryParse(text.Trim(), CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}

/// <param name="Available">Null where the system does not say.</param>
internal readonly record struct MemoryFacts(long Total, long? Available);
