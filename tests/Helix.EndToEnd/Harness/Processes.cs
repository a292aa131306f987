using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Helix.EndToEnd.Harness;

/// <summary>One process of a home, known by pid and start time.</summary>
/// <param name="Role">The hidden verb of helix: keeper, daemon or engine; sandbox for what holds an engine; empty for anything else.</param>
internal sealed record HomeProcess(int Pid, string StartTicks, string Role, string CommandLine)
{
    public bool Lives => Processes.StartOf(Pid) == StartTicks;
}

/// <summary>What <c>/proc</c> says of the processes that belong to a home: its path stands in their arguments or their environment.</summary>
internal static partial class Processes
{
    public const int Terminate = 15, Kill = 9, Interrupt = 2, Stop = 19, Continue = 18;

    public static IReadOnlyList<HomeProcess> Of(string home) =>
        [.. Directory.EnumerateDirectories("/proc").Select(folder => Look(folder, home)).OfType<HomeProcess>().OrderBy(process => process.Pid)];

    public static void Signal(HomeProcess process, int signal)
    {
        if (process.Lives) _ = Signal(process.Pid, signal);
    }

    /// <returns>0, or -1 where there is no such process.</returns>
    [LibraryImport("libc", EntryPoint = "kill")]
    public static partial int Signal(int pid, int signal);

    /// <summary>Null for a process that is gone, or dead and not yet collected.</summary>
    public static string? StartOf(int pid)
    {
        var stat = Read($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 19 && fields[0] is not ("Z" or "X") ? fields[19] : null;
    }

    /// <summary>Bytes of memory, with its share of what others use too; 0 for a process that is gone.</summary>
    public static long SharesOf(int pid) =>
        Read($"/proc/{pid}/smaps_rollup").Split('\n').FirstOrDefault(line => line.StartsWith("Pss:", StringComparison.Ordinal)) is { } line
            ? long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10
            : 0;

    /// <summary>Whether it has a socket open, of whatever kind.</summary>
    public static bool HasSocket(int pid) => new DirectoryInfo($"/proc/{pid}/fd").EnumerateFileSystemInfos().Any(open => open.LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);

    private static HomeProcess? Look(string folder, string home)
    {
        if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) || pid == Environment.ProcessId) return null;
        var arguments = Read(Path.Combine(folder, "cmdline"));
        if (!arguments.Contains(home, StringComparison.Ordinal) && !Read(Path.Combine(folder, "environ")).Contains(home, StringComparison.Ordinal)) return null;
        if (StartOf(pid) is not { } start) return null;
        var words = arguments.Split('\0', StringSplitOptions.RemoveEmptyEntries);
        var role = IsSandbox(words) ? "sandbox" : words.Skip(1).FirstOrDefault(word => word is "keeper" or "daemon" or "engine") ?? "";
        return new HomeProcess(pid, start, role, string.Join(' ', words));
    }

    /// <summary>Whatever stands between the keeper and an engine.</summary>
    private static bool IsSandbox(string[] words) => words.Length > 1 && (Path.GetFileName(words[0]) is "bwrap" or "unshare" || words[1] == "-c" || words[1] is "sandbox" or "confine");

    private static string Read(string path)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ""; // it has ended, or is somebody else's
        }
    }
}
