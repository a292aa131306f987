using Helix.Processes;

namespace Helix.Fleet;

/// <summary>A short mark of how an engine was started: another release, or other settings, have another one.</summary>
internal static class LaunchMark
{
    /// <remarks>FNV-1a: a cryptographic hash would load OpenSSL into every daemon.</remarks>
    public static string Of(InstanceSpec spec)
    {
        var hash = 14695981039346656037ul;
        foreach (var word in Words(spec).Concat(spec.Files.SelectMany(file => (string[])[file.Path, file.From ?? "", file.Text, file.Link ?? ""])))
        {
            foreach (var letter in word) hash = (hash ^ letter) * 1099511628211;
            hash = (hash ^ char.MaxValue) * 1099511628211;
        }

        return hash.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>The built-in engine goes with helix's own binary: a newer one of the same kind is no reason to start it anew.</summary>
    private static IEnumerable<string> Words(InstanceSpec spec) =>
        spec.Provider != Fleet.Builtin ? Words(spec.Launch)
        // its sandbox shows it where that binary lies
        : spec.IsSandboxed ? spec.Launch.Arguments.Select(word => word.Replace(Path.GetDirectoryName(spec.Launch.FileName)!, "", StringComparison.Ordinal))
        : spec.Launch.Arguments;

    private static IEnumerable<string> Words(LaunchSpec launch) =>
        launch.Arguments.Prepend(launch.FileName).Concat(launch.Environment.OrderBy(variable => variable.Key, StringComparer.Ordinal).SelectMany(variable => (string[])[variable.Key, variable.Value]));
}
