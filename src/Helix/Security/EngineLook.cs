using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using Helix.Core.Fleet;
using Helix.Core.Processes;
using Helix.Core.Sandbox;
using Helix.Core.Security;
using Helix.Processes;
using Helix.Sandbox;

namespace Helix.Security;

/// <summary>Looks at engines from outside, through <c>/proc</c>: what they say of themselves does not count.</summary>
internal static class EngineLook
{
    private const string Socket = "socket:[";

    private static readonly string[] s_spaces = ["mnt", "pid", "net", "ipc", "uts", "user"];

    /// <summary>helix's own namespaces.</summary>
    public static ImmutableDictionary<string, string> OwnSpaces() => SpacesOf("self");

    /// <summary>Every engine that serves now; empty where there is no <c>/proc</c>.</summary>
    public static ImmutableArray<EngineFacts> At(IEnumerable<InstanceStatus> instances)
    {
        if (!OperatingSystem.IsLinux()) return [];
        var all = ProcessTable.All().ToArray();
        var ours = OwnSpaces().GetValueOrDefault("net");
        return
        [
            .. instances.Where(instance => instance is { Pid: not null, State: ProviderState.Ready or ProviderState.Degraded })
                .Select(instance => Of(instance.Name, instance.Provider, instance.Pid!.Value, all, ours) with { IsOutdated = instance.IsOutdated })
                .Where(engine => !engine.Processes.IsEmpty),
        ];
    }

    /// <param name="leader">First process of its session.</param>
    /// <param name="all">Everything that is alive.</param>
    internal static EngineFacts Of(string name, string provider, int leader, IReadOnlyCollection<ProcStat> all, string? ownNetwork)
    {
        var spec = SpecOf(leader);
        var group = spec?.Limits is { } limits ? ControlGroups.MembersOf(limits.Group) : ImmutableHashSet<int>.Empty;
        return new(name, provider, spec, [.. EngineFamily.Of(all, leader, group).Select(member => Of(member.Process, member.Depth, ownNetwork))]);
    }

    private static EngineProcess Of(ProcStat process, int depth, string? ownNetwork)
    {
        var folder = process.Pid.ToString(CultureInfo.InvariantCulture);
        var spaces = SpacesOf(folder);
        return new(process.Pid, depth, process.StartTicks, Link($"/proc/{folder}/exe"), ProcStatus.Parse(Text($"/proc/{folder}/status")), spaces, [.. Listens(folder, spaces.GetValueOrDefault("net"), ownNetwork)]);
    }

    /// <summary>Whoever makes a sandbox names it on its command line, and so does what he becomes.</summary>
    private static SandboxSpec? SpecOf(int leader)
    {
        var words = Text(string.Create(CultureInfo.InvariantCulture, $"/proc/{leader}/cmdline")).Split('\0');
        for (var at = 0; at < words.Length - 1; at++)
            if (words[at] is SandboxText.Outer or SandboxText.Inner && SandboxText.Parse(words[(at + 1)..]) is (var spec, _)) return spec;
        return null;
    }

    /// <summary>In a namespace of its own with nothing but its loopback, nobody else can reach it.</summary>
    private static IEnumerable<IPEndPoint> Listens(string folder, string? network, string? ownNetwork)
    {
        if (network is not null && network != ownNetwork && Text($"/proc/{folder}/net/dev").Split('\n').Skip(2).Where(line => line.Contains(':', StringComparison.Ordinal)).All(line => line.Split(':')[0].Trim() == "lo")) return [];
        var all = SocketTable.Listeners(Text($"/proc/{folder}/net/tcp")).Concat(SocketTable.Listeners(Text($"/proc/{folder}/net/tcp6"))).ToArray();
        if (all.Length == 0) return [];
        if (Numbers(folder) is { } its) return all.Where(socket => its.Contains(socket.Number)).Select(socket => socket.At);
        // root without the right to look into others tells an engine's sockets by its user, which nobody else is
        return all.Where(socket => socket.User <= int.MaxValue && EngineUser.Is((uint)socket.User) && PathOwner.Of($"/proc/{folder}")?.User == (uint)socket.User).Select(socket => socket.At);
    }

    /// <summary>Null where its descriptors are not shown to us.</summary>
    private static HashSet<long>? Numbers(string folder)
    {
        try
        {
            return
            [
                .. Directory.EnumerateFileSystemEntries($"/proc/{folder}/fd").Select(Link).OfType<string>().Where(target => target.StartsWith(Socket, StringComparison.Ordinal))
                    .Select(target => long.TryParse(target[Socket.Length..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1),
            ];
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static ImmutableDictionary<string, string> SpacesOf(string folder) =>
        s_spaces.Select(kind => (kind, Link: Link($"/proc/{folder}/ns/{kind}"))).Where(space => space.Link is not null).ToImmutableDictionary(space => space.kind, space => space.Link!);

    private static string? Link(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Text(string path)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(path));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
