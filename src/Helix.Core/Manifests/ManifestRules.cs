using System.Text.Json.Nodes;

namespace Helix.Core.Manifests;

/// <summary>What the keys of a manifest must be to each other, where each by itself is right.</summary>
internal static class ManifestRules
{
    private const string BuiltIn = "builtin";

    /// <summary>What a way to install cannot do without, and what means nothing there.</summary>
    /// <summary>Keys that mean nothing with a kind that is not named beside them.</summary>
    private static readonly (string Key, string[] Kinds)[] s_onlyWith =
    [
        ("package", ["npm", "python", "source"]),
        ("url", ["archive", "binary", "vendor", "git", "python", "source"]),
        ("checksums", ["archive", "binary", "vendor"]),
        ("assets", ["archive", "binary", "vendor", "python"]),
        ("version", ["archive", "binary", "vendor", "git", "npm", "python", "source"]),
        ("strip", ["archive", "vendor"]),
        ("program", ["binary"]),
        ("python", ["python", "git"]),
        ("python_below", ["python", "git"]),
        ("packages", ["python", "git", "npm"]),
        ("indexes", ["python", "git"]),
        ("bundle", ["source"]),
        ("options", ["source"]),
        ("target", ["source"]),
        ("keep", ["source"]),
    ];

    /// <summary>What a way to install cannot do without.</summary>
    private static readonly (string Kind, string[] Needs)[] s_install =
    [
        ("archive", ["version", "url", "assets"]),
        ("binary", ["version", "url", "assets", "program"]),
        ("vendor", ["version", "url", "assets", "accept"]),
        ("git", ["version", "url"]),
        ("npm", ["version", "package"]),
        ("python", ["version"]),
        ("source", ["version", "target", "keep"]),
        ("attach", []),
        ("built-in", []),
    ];

    public static IEnumerable<(string Path, string What)> Broken(JsonObject manifest)
    {
        var platforms = manifest["runs"]!["platforms"]!.AsArray();
        for (var i = 0; i < platforms.Count; i++)
            foreach (var broken in Platform(platforms[i]!.AsObject(), $"runs.platforms[{i}]")) yield return broken;

        foreach (var broken in Started(manifest).Concat(GoesOn(manifest)).Concat(GapsReading.Broken(manifest)).Concat(LimitRules.Broken(manifest))) yield return broken;
        if (manifest["install"] is not JsonArray ways) yield break;
        if (manifest["id"]!.GetValue<string>() != BuiltIn)
            foreach (var i in Enumerable.Range(0, ways.Count).Where(i => ways[i]!["kind"]!.GetValue<string>() == "built-in"))
                yield return ($"install[{i}].kind", $"only {BuiltIn} comes with helix");
        for (var i = 0; i < ways.Count; i++)
            foreach (var broken in Way(ways[i]!.AsObject(), $"install[{i}]")) yield return broken;
    }

    private static IEnumerable<(string Path, string What)> Platform(JsonObject row, string path)
    {
        var (os, accelerator) = (row["os"]!.GetValue<string>(), row["accelerator"]?.GetValue<string>() ?? "none");
        if (row.ContainsKey("os_version") && os != "macos") yield return ($"{path}.os_version", $"goes with os: macos only, and os is {os}");
        if (row.ContainsKey("glibc") && os != "linux") yield return ($"{path}.glibc", $"goes with os: linux only, and os is {os}");
        foreach (var key in (string[])["compute_capability", "driver"])
            if (row.ContainsKey(key) && accelerator != "nvidia") yield return ($"{path}.{key}", $"goes with accelerator: nvidia only, and accelerator is {accelerator}");
        if (row.ContainsKey("device_memory_gb") && accelerator is "none" or "apple") yield return ($"{path}.device_memory_gb", $"goes with a GPU of its own memory, and accelerator is {accelerator}");
        if (accelerator == "apple" && os != "macos") yield return ($"{path}.accelerator", $"apple goes with os: macos only, and os is {os}");
    }

    private static IEnumerable<(string Path, string What)> Started(JsonObject manifest)
    {
        if (manifest["launch"] is not JsonObject launch) yield break;
        if (!manifest.ContainsKey("models")) yield return ("models", "is missing: what is started must say which formats it loads");
        if (!manifest.ContainsKey("serves")) yield return ("serves", "is missing: what is started must say what it answers");
        if (!launch.ContainsKey("processes") && !launch.ContainsKey("before")) yield return ("launch", "starts nothing: it has neither processes nor before");
        if (!launch.ContainsKey("processes") && !launch.ContainsKey("after")) yield return ("launch.after", "is missing: what goes on by itself must be stopped by something");
    }

    private static IEnumerable<(string Path, string What)> GoesOn(JsonObject manifest)
    {
        if (manifest["serves"]?["continues"] is not JsonObject continues) yield break;
        if (!continues.ContainsKey("chat") && continues["completions"]?.GetValue<bool>() != true) yield return ("serves.continues", "goes on with nothing: it has neither chat nor completions: true");
        if (continues.ContainsKey("members") && !continues.ContainsKey("chat")) yield return ("serves.continues.members", "goes with chat only");
        if (!manifest["serves"]!["abilities"]!.AsArray().Any(word => word!.GetValue<string>() == "prefix")) yield return ("serves.abilities", "lacks prefix, which goes with continues");
    }

    private static IEnumerable<(string Path, string What)> Way(JsonObject way, string path)
    {
        var kind = way["kind"]!.GetValue<string>();
        var (_, needs) = s_install.First(each => each.Kind == kind);
        foreach (var key in needs.Where(key => !way.ContainsKey(key))) yield return ($"{path}.kind", $"{kind} needs {key}");
        foreach (var (key, kinds) in s_onlyWith.Where(each => way.ContainsKey(each.Key) && !each.Kinds.Contains(kind))) yield return ($"{path}.{key}", $"means nothing with kind: {kind}; remove the line");
        if (kind is "python" or "source" && way.ContainsKey("package") == way.ContainsKey("url")) yield return ($"{path}.kind", $"{kind} needs either package or url");
        if (kind is "source" && way.ContainsKey("package") != way.ContainsKey("bundle")) yield return ($"{path}.bundle", "a package needs the path of the git bundle in it, and only a package does");
        var asksForAsset = way["url"]?.GetValue<string>().Contains("{asset}", StringComparison.Ordinal) == true;
        if (asksForAsset != way.ContainsKey("assets")) yield return ($"{path}.{(asksForAsset ? "url" : "assets")}", "{asset} in url and the list of assets go together");
    }
}
