using System.Collections.Immutable;

namespace Helix.Core.Sandbox;

/// <summary>Where groups with limits can be made.</summary>
/// <param name="IsUnified">Of the second version, in which one tree holds all resources.</param>
/// <param name="Parents">Folders, the best first.</param>
internal sealed record ControlGroupPlace(bool IsUnified, ImmutableArray<string> Resources, ImmutableArray<string> Parents)
{
    private static readonly ImmutableArray<string> s_wanted = ["memory", "pids", "cpu"];

    /// <param name="mounts">Text of <c>/proc/self/mountinfo</c>.</param>
    /// <param name="own">Text of <c>/proc/self/cgroup</c>.</param>
    public static ImmutableArray<ControlGroupPlace> Of(string mounts, string own)
    {
        var places = ImmutableArray.CreateBuilder<ControlGroupPlace>();
        foreach (var fields in mounts.Split('\n').Select(line => line.Split(' ')).Where(fields => fields.Length > 8))
        {
            var dash = Array.IndexOf(fields, "-");
            if (dash < 0 || dash + 3 >= fields.Length) continue;
            var (root, point, kind, options) = (fields[3], fields[4], fields[dash + 1], fields[dash + 3].Split(','));
            if (kind == "cgroup2" && Path(own, "") is { } path)
            {
                var folder = Below(point, root, path);
                // a group with processes can have no limited groups in it: they stand beside it, or at the top
                string[] parents = folder == point ? [point] : [folder[..folder.LastIndexOf('/')], point];
                places.Add(new(true, s_wanted, [.. parents.Distinct()]));
            }
            else if (kind == "cgroup" && options.Intersect(s_wanted).ToImmutableArray() is { IsEmpty: false } resources && Path(own, resources[0]) is { } mine)
            {
                places.Add(new(false, resources, [Below(point, root, mine)]));
            }
        }

        return places.ToImmutable();
    }

    private static string? Path(string own, string resource) => own.Split('\n').Select(line => line.Split(':', 3))
        .Where(parts => parts.Length == 3 && (resource.Length == 0 ? parts[0] == "0" : parts[1].Split(',').Contains(resource))).Select(parts => parts[2]).FirstOrDefault();

    private static string Below(string point, string root, string path) =>
        point + (root != "/" && path.StartsWith(root, StringComparison.Ordinal) ? path[root.Length..] : path).TrimEnd('/');
}
