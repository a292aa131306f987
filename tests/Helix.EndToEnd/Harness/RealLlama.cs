namespace Helix.EndToEnd.Harness;

/// <summary>The real llama-server, built from the source in an npm package. What was built once is kept for all later runs.</summary>
internal static class RealLlama
{
    /// <summary>The build takes minutes on two quiet cores; what is built already in the cache is not built again.</summary>
    public static readonly TimeSpan Build = TimeSpan.FromMinutes(45);

    private static readonly string[] s_elsewhere =
        ["https://github.com/", "https://api.github.com/", "https://quay.io/", "https://download.pytorch.org/", "https://huggingface.co/", "https://llmster.lmstudio.ai/"];

    /// <summary>Lines of the configuration by which nothing but the registry of npm can be reached, wherever this runs.</summary>
    public static string OnlyNpm { get; } = $"sources:\n  mirrors:\n{string.Concat(s_elsewhere.Select(upstream => $"    - {upstream}={TempHome.NoHub}/\n"))}";

    private static string KeptDownloads => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "helix-test", "downloads");

    /// <summary>Before helix starts: what an earlier run built is not built again.</summary>
    public static async Task TakeBuiltAsync(TempHome home)
    {
        Directory.CreateDirectory(home.LocalLlm);
        if (Directory.Exists(KeptDownloads)) await CopyAsync(home, KeptDownloads, Downloads(home));
    }

    /// <summary>Once llama-server has answered.</summary>
    public static async Task KeepBuiltAsync(TempHome home)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(KeptDownloads)!);
        if (!Directory.Exists(KeptDownloads)) await CopyAsync(home, Downloads(home), KeptDownloads);
    }

    public static string Log(TempHome home, string provider)
    {
        var folder = Path.Combine(home.LocalLlm, "logs", provider);
        return Directory.Exists(folder) ? string.Join('\n', Directory.EnumerateFiles(folder).Select(file => $"== {file}\n{string.Join('\n', File.ReadLines(file).TakeLast(20))}")) : $"no logs of {provider}";
    }

    private static string Downloads(TempHome home) => Path.Combine(home.LocalLlm, "downloads");

    private static async Task CopyAsync(TempHome home, string from, string to) => (await Launched.RunAsync(new Command("/bin/cp", ["-a", from, to], home.Environment, "/"))).Succeeded();
}
