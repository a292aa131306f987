using System.Globalization;
using System.Text;
using Helix.Core.Processes;
using Helix.Core.Sandbox;

namespace Helix.Processes;

/// <summary>The processes of this machine as the kernel shows them.</summary>
internal static class ProcessTable
{
    /// <summary>More than the kernel writes of one: some fifty numbers and a name.</summary>
    private const int Longest = 1024;

    public static ProcStat? Read(int pid)
    {
        if (!OperatingSystem.IsLinux()) return null;
        using var file = NativeLibc.OpenToRead(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
        if (file.IsInvalid) return null;
        Span<byte> bytes = stackalloc byte[Longest];
        Span<char> text = stackalloc char[Longest];
        try
        {
            return ProcStat.Parse(text[..Encoding.Latin1.GetChars(bytes[..RandomAccess.Read(file, bytes, 0)], text)]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null; // it is gone: between open and read the kernel says "no such process"
        }
    }

    /// <summary>0 where the system does not tell.</summary>
    public static long StartTicks(int pid) => Read(pid)?.StartTicks ?? 0;

    /// <summary>The very same process, alive; a zombie is dead.</summary>
    public static bool IsAlive(int pid, long startTicks) =>
        OperatingSystem.IsLinux() ? Read(pid) is { IsAlive: true } stat && stat.StartTicks == startTicks : NativeLibc.Exists(pid);

    /// <summary>Engines that root has started are of users that nobody else is.</summary>
    public static bool IsOfThisUser(int pid) =>
        PathOwner.Of(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}"))?.User is { } owner && (owner == NativeLibc.UserId() || (NativeLibc.UserId() == 0 && EngineUser.Is(owner)));

    /// <summary>Everything alive; empty where there is no <c>/proc</c>.</summary>
    public static IEnumerable<ProcStat> All()
    {
        if (!OperatingSystem.IsLinux())
            yield break;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && Read(pid) is { IsAlive: true } stat)
                yield return stat;
        }
    }

    /// <summary>Clock ticks, a hundred a second, that processors have spent on a session; null where the system does not tell.</summary>
    public static long? SessionTicks(int leader)
    {
        var all = All().Where(process => process.Session == leader).ToArray();
        return all.Length > 0 ? all.Sum(process => process.ProcessorTicks) : null;
    }

    /// <summary>Program and arguments of everything alive, as far as this user may see them; empty where there is no <c>/proc</c>.</summary>
    public static IReadOnlyList<string> Commands() => [.. All().Select(process => Command(process.Pid)).Where(command => command.Length > 0)];

    private static string Command(int pid)
    {
        try
        {
            var folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}");
            return $"{new FileInfo(folder + "/exe").LinkTarget}/\n{File.ReadAllText(folder + "/cmdline").Replace('\0', '\n')}";
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>Changes with every boot: pids and start times of another boot mean nothing.</summary>
    public static string BootId()
    {
        const string file = "/proc/sys/kernel/random/boot_id";
        return File.Exists(file) ? File.ReadAllText(file).Trim() : "";
    }
}
