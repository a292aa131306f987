namespace Helix.Models;

/// <summary>How a program keeps its models.</summary>
internal enum ShelfKind
{
    /// <summary>Manifests that name blobs.</summary>
    Ollama,

    /// <summary>Repositories with snapshots of links.</summary>
    HubCache,

    /// <summary>A folder for each model with a <c>model.yml</c>.</summary>
    Jan,

    /// <summary>GGUF files and model folders, as deep as they like.</summary>
    Plain,
}

/// <param name="Program">As names begin: ollama, lmstudio, jan, gpt4all, hf or llamacpp.</param>
internal sealed record ForeignPlace(string Program, ShelfKind Kind, string Folder);

/// <summary>Where other programs keep their models, by their own documentation and sources.</summary>
internal static class ForeignPlaces
{
    /// <param name="home">The user's folder.</param>
    /// <param name="environment">Variables of this process.</param>
    /// <param name="system">The root of the file system; another one in tests.</param>
    public static IEnumerable<ForeignPlace> Of(string home, Func<string, string?> environment, string system = "/")
    {
        string? Variable(string name) => environment(name) is { Length: > 0 } set && Path.IsPathFullyQualified(set) ? set : null;
        string InHome(params ReadOnlySpan<string> parts) => Path.Combine([home, .. parts]);

        IEnumerable<ForeignPlace> all =
        [
            .. new[] { Variable("OLLAMA_MODELS"), InHome(".ollama", "models"), Path.Combine(system, "usr/share/ollama/.ollama/models"), Path.Combine(system, "var/lib/ollama/.ollama/models") }
                .OfType<string>().Select(folder => new ForeignPlace("ollama", ShelfKind.Ollama, folder)),
            .. new[] { LmStudioHome(home), InHome(".lmstudio", "models"), InHome(".cache", "lm-studio", "models") }
                .OfType<string>().Select(folder => new ForeignPlace("lmstudio", ShelfKind.Plain, folder)),
            .. new[] { InHome(".config", "Jan", "data"), InHome(".local", "share", "Jan", "data"), InHome("Library", "Application Support", "Jan", "data"), InHome("jan") }
                .Select(folder => new ForeignPlace("jan", ShelfKind.Jan, folder)),
            .. new[] { InHome(".local", "share", "nomic.ai", "GPT4All"), InHome("Library", "Application Support", "nomic.ai", "GPT4All"), InHome(".cache", "gpt4all") }
                .Select(folder => new ForeignPlace("gpt4all", ShelfKind.Plain, folder)),
            .. new[] { Variable("HF_HUB_CACHE"), Variable("HUGGINGFACE_HUB_CACHE"), Variable("HF_HOME") is { } hf ? Path.Combine(hf, "hub") : null, InHome(".cache", "huggingface", "hub") }
                .OfType<string>().Select(folder => new ForeignPlace("hf", ShelfKind.HubCache, folder)),
            .. new[] { Variable("LLAMA_CACHE"), Variable("XDG_CACHE_HOME") is { } cache ? Path.Combine(cache, "llama.cpp") : null, InHome(".cache", "llama.cpp"), InHome("Library", "Caches", "llama.cpp") }
                .OfType<string>().Select(folder => new ForeignPlace("llamacpp", ShelfKind.Plain, folder)),
        ];
        return all.DistinctBy(place => (place.Program, Path.TrimEndingDirectorySeparator(place.Folder)));
    }

    /// <summary>LM Studio notes where a user moved its folder to.</summary>
    private static string? LmStudioHome(string home)
    {
        try
        {
            var pointer = Path.Combine(home, ".lmstudio-home-pointer");
            return File.Exists(pointer) && new FileInfo(pointer).Length < 4096 && File.ReadAllText(pointer).Trim() is { Length: > 0 } moved && Path.IsPathFullyQualified(moved)
                ? Path.Combine(moved, "models")
                : null;
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
