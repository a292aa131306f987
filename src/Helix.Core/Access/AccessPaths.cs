namespace Helix.Core.Access;

/// <summary>Tells what a path is for. Doubtful spellings count as the stricter class.</summary>
internal static class AccessPaths
{
    public static PathClass Classify(ReadOnlySpan<char> path)
    {
        var rest = path.TrimStart('/');
        var end = rest.IndexOf('/');
        var first = end < 0 ? rest : rest[..end];
        if (first.Equals("v1", StringComparison.OrdinalIgnoreCase) || first.Equals("api", StringComparison.OrdinalIgnoreCase)) return PathClass.Inference;
        if (first.Equals("helix", StringComparison.OrdinalIgnoreCase)) return PathClass.HelixApi;
        return path.Equals("/livez", StringComparison.OrdinalIgnoreCase) ? PathClass.Public : PathClass.Dashboard;
    }
}
