using System.Collections.Immutable;
using System.Globalization;
using Helix.Core.Sandbox;
using Helix.Processes;

namespace Helix.Sandbox;

/// <summary>The kernel's groups of processes with limits, of either version, as far as this user may make them.</summary>
internal static class ControlGroups
{
    private const string Members = "cgroup.procs";
    private const int Looks = 10;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(1);

    /// <summary>Puts this process, and all that it becomes and starts, into a group with limits.</summary>
    /// <param name="enters">False: only tries whether the group can be had.</param>
    /// <returns>What the group limits: memory, pids, cpu.</returns>
    public static IReadOnlySet<string> Join(SandboxLimits limits, bool enters = true)
    {
        var held = new HashSet<string>(StringComparer.Ordinal);
        foreach (var place in Places().Where(place => !place.Resources.All(held.Contains)))
        {
            foreach (var parent in place.Parents)
            {
                var folder = Path.Combine(parent, limits.Group);
                if (!TryMake(folder, parent, place)) continue;
                var set = place.Resources.Where(resource => !held.Contains(resource) && Set(folder, resource, place.IsUnified, limits)).ToArray();
                if (set.Length == 0 || (enters && !Write(folder, Members, Environment.ProcessId)))
                {
                    Remove(folder);
                    continue;
                }

                held.UnionWith(set);
                if (!enters) Remove(folder);
                break;
            }
        }

        return held;
    }

    /// <summary>Kills all that is left in a group, wherever it went: who begins a session of his own stays in it.</summary>
    public static void Kill(string group)
    {
        foreach (var folder in Places().SelectMany(place => place.Parents).Select(parent => Path.Combine(parent, group)).Where(Directory.Exists))
        {
            // the older version has no word for all at once: who is born meanwhile is met at the next look
            if (Write(folder, "cgroup.kill", 1)) continue;
            for (var look = 0; look < Looks && MembersIn(folder) is { Length: > 0 } members; look++)
            {
                foreach (var pid in members) NativeLibc.Kill(pid, NativeLibc.SignalKill);
                NativeLibc.Rest(s_moment);
            }
        }
    }

    /// <summary>Pids of all that is in a group; empty where there is none.</summary>
    public static IReadOnlySet<int> MembersOf(string group) =>
        Places().SelectMany(place => place.Parents).SelectMany(parent => MembersIn(Path.Combine(parent, group)) ?? []).ToHashSet();

    /// <summary>How many processes of a group the kernel ended for want of memory, since it was made; null where no group tells.</summary>
    public static long? MemoryKills(string group)
    {
        const string count = "oom_kill ";
        try
        {
            // of the newer version and of the older one
            var file = Places().SelectMany(place => place.Parents).SelectMany(parent => ((string[])["memory.events", "memory.oom_control"]).Select(name => Path.Combine(parent, group, name))).FirstOrDefault(File.Exists);
            return file is not null && File.ReadLines(file).FirstOrDefault(line => line.StartsWith(count, StringComparison.Ordinal)) is { } line
                && long.TryParse(line.AsSpan(count.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var kills) ? kills : null;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Takes away the groups of a home in which nothing runs any more.</summary>
    public static void Sweep(string prefix)
    {
        foreach (var folder in Places().SelectMany(place => place.Parents).Where(Directory.Exists).SelectMany(parent => Directory.EnumerateDirectories(parent, prefix + "*"))) Remove(folder);
    }

    private static ImmutableArray<ControlGroupPlace> Places()
    {
        const string mounts = "/proc/self/mountinfo", own = "/proc/self/cgroup";
        return File.Exists(mounts) && File.Exists(own) ? ControlGroupPlace.Of(File.ReadAllText(mounts), File.ReadAllText(own)) : [];
    }

    private static bool TryMake(string folder, string parent, ControlGroupPlace place)
    {
        try
        {
            // what the tree does not hand down cannot be limited in it
            if (place.IsUnified) foreach (var resource in place.Resources) Write(parent, "cgroup.subtree_control", $"+{resource}");
            Directory.CreateDirectory(folder);
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool Set(string folder, string resource, bool isUnified, SandboxLimits limits) => (resource, isUnified) switch
    {
        ("memory", true) => limits.MemoryBytes is { } bytes && Write(folder, "memory.max", bytes) && (Write(folder, "memory.swap.max", 0) || true) && (Write(folder, "memory.oom.group", 1) || true),
        ("memory", false) => limits.MemoryBytes is { } bytes && Write(folder, "memory.limit_in_bytes", bytes) && (Write(folder, "memory.memsw.limit_in_bytes", bytes) || true),
        ("pids", _) => Write(folder, "pids.max", limits.Processes),
        // helix and the machine's owner come first when all want to compute
        ("cpu", true) => Write(folder, "cpu.weight", 50),
        ("cpu", false) => Write(folder, "cpu.shares", 512),
        _ => false,
    };

    private static bool Write(string folder, string file, long number) => Write(folder, file, number.ToString(CultureInfo.InvariantCulture));

    private static bool Write(string folder, string file, string text)
    {
        try
        {
            var path = Path.Combine(folder, file);
            if (!File.Exists(path)) return false;
            File.WriteAllText(path, text);
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>One whose last process ends just now is not empty yet.</summary>
    private static void Remove(string folder)
    {
        for (var look = 0; look < Looks && !TryRemove(folder) && IsEmpty(folder); look++) NativeLibc.Rest(s_pause);
    }

    private static bool TryRemove(string folder)
    {
        try
        {
            Directory.Delete(folder);
            return true;
        }
        catch (Exception used) when (used is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool IsEmpty(string folder) => MembersIn(folder) is { Length: 0 };

    /// <summary>Null where there is no such group any more.</summary>
    private static int[]? MembersIn(string folder)
    {
        try
        {
            return [.. File.ReadLines(Path.Combine(folder, Members)).Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
