using Helix.Processes;
using Helix.Sandbox;

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

    /// <summary>Where helix's own binary lies is no part of it: the built-in engine, sandboxes and groups are started with it, and a newer one is no reason to start them anew.</summary>
    private static IEnumerable<string> Words(InstanceSpec spec)
    {
        if (!(spec.IsSandboxed || spec.Provider == Fleet.Builtin || spec.Launch.Arguments is [EngineGroup.Verb, ..])) return Words(spec.Launch);
        var folder = Path.GetDirectoryName(spec.Launch.FileName)!;
        var arguments = Anywhere(spec.Launch.Arguments, folder).Select(word => word.Replace(folder, "", StringComparison.Ordinal)).ToArray();
        return spec.Provider == Fleet.Builtin ? arguments : Words(spec.Launch with { FileName = "", Arguments = arguments });
    }

    /// <summary>A sandbox shows an engine where that binary lies, among other folders, in the order of their names.</summary>
    private static IReadOnlyList<string> Anywhere(IReadOnlyList<string> arguments, string folder) =>
        arguments is [SandboxText.Outer, ..] && SandboxText.Parse([.. arguments.Skip(1)]) is var (sandbox, command)
            ? [SandboxText.Of(sandbox with { Helix = "", Reads = sandbox.Reads.Remove(folder), Shared = sandbox.Shared.Remove(folder) }), .. command]
            : arguments;

    private static IEnumerable<string> Words(LaunchSpec launch) =>
        launch.Arguments.Prepend(launch.FileName).Concat(launch.Environment.OrderBy(variable => variable.Key, StringComparer.Ordinal).SelectMany(variable => (string[])[variable.Key, variable.Value]));
}
