using System.Collections.Immutable;
using Helix.Core.Models;

namespace Helix.Core.Install;

/// <summary>What is in a bundle; its first entry, and the only one that is believed before its digest was checked.</summary>
/// <param name="Helix">Version that made it.</param>
/// <param name="Os">On which the releases run; models run anywhere.</param>
internal sealed record BundleManifest(
    int Format, string Helix, string Os, string Architecture, DateTimeOffset Made,
    ImmutableArray<BundlePart> Parts, ImmutableArray<BundleRelease> Releases, ImmutableArray<BundleModel> Models, ImmutableArray<BundleProvider> Providers)
{
    /// <summary>Tools that helix had fetched, and that the releases are started with.</summary>
    public ImmutableArray<BundleTool> Tools { get; init; } = [];

    public const string Name = "manifest.json";

    public const int CurrentFormat = 1;

    private const int LongestName = 120;

    /// <summary>Why it cannot be applied on a machine; null where nothing speaks against it.</summary>
    public string? Refusal(string os, string architecture)
    {
        if (Format != CurrentFormat) return $"its format is {Format}, and this helix knows {CurrentFormat}; it was made by helix {Helix}";
        if (Parts.IsDefault || Releases.IsDefault || Models.IsDefault || Providers.IsDefault || Tools.IsDefault) return "its manifest is not whole";
        if (Releases.Length > 0 && (Os, Architecture) != (os, architecture)) return $"its releases are for {Os} on {Architecture}, and this is {os} on {architecture}";
        var names = Parts.Select(part => part.Name).ToHashSet(StringComparer.Ordinal);
        if (names.Count != Parts.Length) return "it lists a part twice";
        if (Parts.FirstOrDefault(part => !IsPath(part.Name) || part.Name == Name || !ModelSource.IsDigest(part.Sha256) || part.Bytes < 0) is { } bad) return $"its entry for {bad.Name} makes no sense";
        if (Releases.FirstOrDefault(release => !IsName(release.Provider) || !IsName(release.Version) || !release.Folder.StartsWith('/') || release.Links.Any(link => !BundleRelease.IsInterpreter(link.Path))) is { } odd) return $"what it says of {odd.Provider} makes no sense";
        if (Tools.FirstOrDefault(tool => !IsName(tool.Id) || !IsName(tool.Version)) is { } bent) return $"what it says of the tool {bent.Id} makes no sense";
        if (Models.FirstOrDefault(model => ModelId.Refusal(model.Id) is not null || model.Files.IsEmpty || model.Files.Any(file => !IsPath(file.Name))) is { } model) return $"what it says of the model {model.Id} makes no sense";
        if (Providers.FirstOrDefault(provider => !IsManifestFile(provider.File)) is { } text) return $"what it says of {text.File} makes no sense";
        return Releases.Select(release => release.Part).Concat(Models.SelectMany(each => each.Files.Select(file => file.Part))).Concat(Providers.Select(provider => provider.Part)).Concat(Tools.Select(tool => tool.Part)).FirstOrDefault(part => !names.Contains(part)) is { } missing ? $"it names a part {missing} that it does not list" : null;
    }

    /// <summary>A plain name that ends as a manifest's does; anything else that the user's folder holds stays there.</summary>
    public static bool IsManifestFile(string name) => IsName(name) && Path.GetExtension(name).ToLowerInvariant() is ".yaml" or ".yml";

    /// <summary>It becomes the name of a file or folder.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= LongestName && char.IsAsciiLetterOrDigit(text[0]) && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_' or '+');

    private static bool IsPath(string text) => EntryName.Of(text, 0) is EntryName.Good(var path) && path == text;
}

/// <summary>One entry of the bundle.</summary>
internal sealed record BundlePart(string Name, long Bytes, string Sha256);

/// <param name="Folder">Its path on the machine where it was made: files in it may name it.</param>
/// <param name="Links">That lead out of it.</param>
internal sealed record BundleRelease(string Part, string Provider, string Version, string Folder, ImmutableArray<BundleLink> Links)
{
    /// <summary>The only links that may lead out of a release: to the Python that its environment is made with.</summary>
    public static bool IsInterpreter(string path) => path.StartsWith("venv/bin/python", StringComparison.Ordinal) && !path["venv/bin/".Length..].Contains('/', StringComparison.Ordinal);

    /// <summary>Whether what is installed is newer than what a bundle brings: by number where both are numbers, else by when each was installed.</summary>
    public static bool IsNewer((string Version, DateTimeOffset Installed) there, (string Version, DateTimeOffset Installed) brought) =>
        System.Version.TryParse(there.Version.Split('+')[0], out var old) && System.Version.TryParse(brought.Version.Split('+')[0], out var next) ? old > next : there.Installed > brought.Installed;
}

internal sealed record BundleLink(string Path, string Target);

/// <param name="Folder">It is a folder, not a file.</param>
internal sealed record BundleModel(string Id, string Source, bool Folder, ImmutableArray<BundleFile> Files);

internal sealed record BundleFile(string Name, string Part);

/// <param name="Id">Name of the folder that holds its versions.</param>
internal sealed record BundleTool(string Part, string Id, string Version);

/// <summary>A manifest of the user's own.</summary>
internal sealed record BundleProvider(string File, string Part);
