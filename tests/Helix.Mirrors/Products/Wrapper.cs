using System.Security.Cryptography;
using System.Text;
using Helix.Mirrors.Files;

namespace Helix.Mirrors.Products;

/// <summary>The programs of a payload: scripts with the real program's name that start the stand-in with its version.</summary>
/// <param name="StandIn">Path of the built stand-in.</param>
/// <param name="Knobs">Folder of <c>PROVIDER.json</c> files with knobs; null: <c>standin.json</c> beside the script.</param>
/// <param name="Padding">Bytes that do not compress, put beside the program so that a download takes a while.</param>
internal sealed record Wrapper(string StandIn, string? Knobs = null, int Padding = 0)
{
    // helix starts engines with few variables: a build without native compilation would not find its runtime
    private static readonly string s_runtime = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));

    /// <summary>What is wrong with a version of a provider, as <c>STANDIN_NAME=VALUE</c>; null for nothing.</summary>
    public Func<string, string, string?> Fault { get; init; } = (_, _) => null;

    /// <summary>With the stand-in that was built beside these tests.</summary>
    public static Wrapper Built(string? knobs = null, int padding = 0) => new(BuiltStandIn, knobs, padding);

    /// <summary>Path of the stand-in that was built beside these tests.</summary>
    public static string BuiltStandIn { get; } = Find(new DirectoryInfo(AppContext.BaseDirectory));

    public string Shell(string provider, string pose, string version) => $"""
        #!/bin/sh
        # stand-in for {provider} {version}
        : "${"{"}DOTNET_ROOT:={s_runtime}{"}"}"
        : "${"{"}STANDIN_KNOBS:={(Knobs is null ? "${0%/*}/standin.json" : Path.Combine(Knobs, $"{provider}.json"))}{"}"}"
        DOTNET_EnableDiagnostics=0
        export DOTNET_ROOT STANDIN_KNOBS DOTNET_EnableDiagnostics {Fault(provider, version)}
        exec '{StandIn}' --as {pose} --standin-version '{version}' "$@"

        """;

    public Entry Program(string path, string provider, string pose, string version) => new(path, Shell(provider, pose, version), executable: true);

    /// <summary>A Python module with <c>run(pose)</c>, which becomes the stand-in.</summary>
    public string Python(string provider, string version) => $"""
        # stand-in for {provider} {version}
        import os, sys

        __version__ = "{version}"

        def run(pose="{provider}"):
            os.environ.setdefault("DOTNET_ROOT", "{s_runtime}")
            os.environ.setdefault("STANDIN_KNOBS", {(Knobs is null ? "os.path.join(os.path.dirname(os.path.abspath(__file__)), 'standin.json')" : $"\"{Path.Combine(Knobs, $"{provider}.json")}\"")})
            os.environ["DOTNET_EnableDiagnostics"] = "0"
            os.environ.update(dict(fault.split("=") for fault in "{Fault(provider, version)}".split()))
            os.execv("{StandIn}", ["{StandIn}", "--as", pose, "--standin-version", "{version}"] + sys.argv[1:])

        """;

    /// <summary>The same bytes for the same seed.</summary>
    public IEnumerable<Entry> Pad(string path, string seed)
    {
        if (Padding == 0) yield break;
        var bytes = new byte[Padding];
        for (var at = 0; at < bytes.Length; at += 32)
        {
            var block = SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{at}"));
            block.AsSpan(0, Math.Min(32, bytes.Length - at)).CopyTo(bytes.AsSpan(at));
        }

        yield return new Entry(path, bytes);
    }

    private static string Find(DirectoryInfo? folder) => folder switch
    {
        null => throw new InvalidOperationException("the tests run outside a checkout: the stand-in lies in its artifacts"),
        _ when File.Exists(Path.Combine(folder.FullName, "Helix.slnx")) => Path.Combine(folder.FullName, "artifacts", "bin", "Helix.StandIn", "release", "Helix.StandIn"),
        _ => Find(folder.Parent),
    };
}
