using System.Globalization;

namespace Helix.Bench.Measuring;

/// <summary>What Linux says about processes.</summary>
internal static class ProcFile
{
    /// <summary>Resident memory, in megabytes of a million bytes.</summary>
    public static double ResidentMegabytes(int pid) => Field(pid, "VmRSS") * 1024 / 1e6;

    /// <summary>Bytes of memory, with its share of what others use too; 0 for a process that is gone.</summary>
    public static long SharedBytes(int pid)
    {
        try
        {
            var line = File.ReadLines($"/proc/{pid}/smaps_rollup").FirstOrDefault(line => line.StartsWith("Pss:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    public static int Threads(int pid) => (int)Field(pid, "Threads");

    /// <summary>Descriptors that it holds, and how many of them are sockets.</summary>
    public static (int All, int Sockets) Descriptors(int pid)
    {
        var targets = Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Select(path => new FileInfo(path).LinkTarget).ToArray();
        return (targets.Length, targets.Count(target => target?.StartsWith("socket:", StringComparison.Ordinal) == true));
    }

    public static IReadOnlyList<int> ChildrenOf(int pid) =>
        [.. Directory.EnumerateDirectories($"/proc/{pid}/task")
            .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(text => int.Parse(text, CultureInfo.InvariantCulture))];

    /// <summary>A process and all that it started, as far as they live.</summary>
    public static IEnumerable<int> TreeOf(int pid)
    {
        try
        {
            return [pid, .. ChildrenOf(pid).SelectMany(TreeOf)];
        }
        catch (IOException)
        {
            return [];
        }
    }

    public static int ParentOf(int pid) => (int)Field(pid, "PPid");

    public static bool Lives(int pid)
    {
        try
        {
            return !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>CPU seconds that all processes together have used since the machine started.</summary>
    public static double BusySeconds()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..].Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        const int idle = 3, waiting = 4, stolen = 7;
        return (fields[..(stolen + 1)].Sum() - fields[idle] - fields[waiting] - fields[stolen]) / 100;
    }

    /// <summary>CPU seconds of the children of this process that have ended and were waited for.</summary>
    public static double EndedChildrenSeconds()
    {
        var stat = File.ReadAllText("/proc/self/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        const int user = 13, system = 14;
        return (double.Parse(fields[user], CultureInfo.InvariantCulture) + double.Parse(fields[system], CultureInfo.InvariantCulture)) / 100;
    }

    private static double Field(int pid, string name) => double.Parse(
        File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith(name + ":", StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);
}
