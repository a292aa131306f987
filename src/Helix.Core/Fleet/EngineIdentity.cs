using System.Collections.Immutable;

namespace Helix.Core.Fleet;

/// <summary>What is to be done next to learn what a server is.</summary>
internal abstract record IdentityStep
{
    private IdentityStep() { }

    internal sealed record Ask(string Path) : IdentityStep;

    /// <param name="Release">Null where it does not tell.</param>
    internal sealed record Known(string Product, string? Release) : IdentityStep;

    /// <summary>None of the products that helix can tell apart.</summary>
    internal sealed record Unknown : IdentityStep;
}

/// <summary>
/// Tells engines apart by what only they answer. The order counts: KoboldCpp and LocalAI answer Ollama's paths too,
/// and LM Studio answers 200 on any path, so that a status alone says nothing.
/// </summary>
internal static class EngineIdentity
{
    public const string ModelsPath = "/v1/models";

    private static readonly ImmutableArray<Mark> s_marks =
    [
        new("koboldai", "/api/extra/version", said => said.At("result") == "KoboldCpp", said => said.At("version")),
        new("lmstudio", "/lmstudio-greeting", said => said.At("lmstudio") == "true"),
        new("tabbyapi", "/.well-known/serviceinfo", said => said.At("software.name") == "TabbyAPI"),
        new("textgen", "/v1/internal/health", said => said.IsOk && said.At("status") == "ok"),
        // a router has a build_info too; one with a key answers in its own words
        new("llamacpp", "/props", said => (said.IsOk && said.Has("build_info")) || (said.Status == 401 && said.At("error.type") == "authentication_error"), said => said.At("build_info")),
        // it is not ready while it loads its models at the start; every other engine has nothing at this path
        new("localai", "/readyz", said => (said.IsOk && (said.Text.Trim() is "" or "OK" || said.Has("status"))) || (said.Status == 503 && said.Has("status"))),
        new("mistralrs", "/v1/system/info", said => said.IsOk && (said.Has("version") || said.Has("gpus")), said => said.At("version")),
        new("jan", "/openapi.json", said => said.At("info.title")?.Contains("Jan API", StringComparison.Ordinal) == true, said => said.At("info.version")),
        new("ollama", "/api/tags", said => said.IsOk && said.Has("models")),
        new("fastchat", ModelsPath, said => said.At("data.owned_by") == "fastchat"),
        new("gpt4all", ModelsPath, said => said.At("data.owned_by") == "humanity"),
        // open even where its models ask for a key; the products above that have it too are known by now
        new("vllm", "/version", said => said.IsOk && said.Has("version"), said => said.At("version")),
    ];

    /// <summary>Paths that tell the release of a product that is known by another.</summary>
    public static string? ReleasePath(string product) => product switch
    {
        "localai" => "/version",
        "ollama" => "/api/version",
        _ => null,
    };

    /// <param name="heard">What it answered so far, by path.</param>
    public static IdentityStep Next(IReadOnlyDictionary<string, Heard> heard)
    {
        foreach (var mark in s_marks)
        {
            if (!heard.TryGetValue(mark.Path, out var said)) return new IdentityStep.Ask(mark.Path);
            if (!mark.IsIt(said)) continue;
            if (ReleasePath(mark.Product) is not { } path) return new IdentityStep.Known(mark.Product, Short(mark.Release?.Invoke(said)));
            if (!heard.TryGetValue(path, out var release)) return new IdentityStep.Ask(path);
            // whoever answers alike and has no version is only like it
            if (!release.Has("version") && !release.IsLocked) continue;
            return new IdentityStep.Known(mark.Product, Short(release.At("version")));
        }

        return new IdentityStep.Unknown();
    }

    private static string? Short(string? release) => release is null || release.Length <= 40 ? release : release[..40];

    private sealed record Mark(string Product, string Path, Func<Heard, bool> IsIt, Func<Heard, string?>? Release = null);
}
