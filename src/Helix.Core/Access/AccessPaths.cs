using Helix.Core.Gateway;

namespace Helix.Core.Access;

/// <summary>Tells what a path is for. Doubtful spellings count as the stricter class.</summary>
internal static class AccessPaths
{
    /// <summary>Where the body of any request to a model may be sent.</summary>
    public const string Explain = "/helix/v1/route/explain";

    /// <summary>Whether a form with files may be sent there, too.</summary>
    public static bool TakesForm(string path) => InferenceRoute.Of(path) is { TakesForm: true } || path == Explain;

    /// <summary>Refusals there are told in helix's own shape, not in that of a dialect.</summary>
    public static bool IsOwn(this PathClass path) => path is PathClass.HelixApi or PathClass.SignIn or PathClass.EngineApi or PathClass.Metrics;

    /// <summary>Below it lie the dashboard's files.</summary>
    public const string Files = "/ui/";

    public const string Session = "/helix/v1/session";

    public static PathClass Classify(ReadOnlySpan<char> path)
    {
        if (path.Equals("/", StringComparison.Ordinal) || path.StartsWith(Files, StringComparison.Ordinal)) return PathClass.Page;
        if (path.Equals(Session, StringComparison.Ordinal)) return PathClass.SignIn;
        var rest = path.TrimStart('/');
        var end = rest.IndexOf('/');
        var first = end < 0 ? rest : rest[..end];
        if (first.Equals("v1", StringComparison.OrdinalIgnoreCase) || first.Equals("api", StringComparison.OrdinalIgnoreCase)) return PathClass.Inference;
        if (first.Equals("helix", StringComparison.OrdinalIgnoreCase)) return PathClass.HelixApi;
        if (first.Equals("p", StringComparison.OrdinalIgnoreCase)) return PathClass.EngineApi;
        if (first.Equals("metrics", StringComparison.OrdinalIgnoreCase)) return PathClass.Metrics;
        return path.Equals("/livez", StringComparison.OrdinalIgnoreCase) ? PathClass.Public : PathClass.Dashboard;
    }
}
