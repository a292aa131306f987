using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.Hardware;
using Helix.Core.Manifests;
using Helix.Core.Planning;

namespace Helix.Core.Install;

/// <summary>What the user said of a provider's releases.</summary>
/// <param name="Asked">Asked for by name just now or earlier: installed even where nothing is installed by itself.</param>
/// <param name="Removed">Taken away by the user: not installed by itself again.</param>
/// <param name="Pinned">The version that is wanted; null for the manifest's.</param>
/// <param name="Accepted">Address of the terms that were accepted.</param>
internal sealed record InstallWords(bool Asked, bool Removed, string? Pinned, string? Accepted);

/// <summary>Whether a provider is to be installed.</summary>
internal abstract record InstallNeed
{
    private InstallNeed() { }

    /// <param name="Ways">The best first, each for the version that is wanted.</param>
    /// <param name="Label">Name of the release: its version, and what it computes on where that is no processor.</param>
    internal sealed record Needed(ImmutableArray<InstallWay> Ways, Accelerator On, string Version, string Label) : InstallNeed
    {
        /// <summary>It is there, and is to be made again.</summary>
        public bool IsAgain { get; init; }

        /// <summary>It is only laid beside the one in use.</summary>
        public bool IsBeside { get; init; }
    }

    /// <summary>It is there as it should be.</summary>
    internal sealed record Satisfied : InstallNeed;

    /// <summary>Nothing is to be done, for this reason; it could be.</summary>
    internal sealed record Off(string Reason) : InstallNeed;

    /// <summary>It cannot run here.</summary>
    internal sealed record Impossible(string Reason) : InstallNeed;

    /// <summary>The user installs and runs it.</summary>
    internal sealed record Attached : InstallNeed;

    /// <param name="current">Label of the release that is in use; null for none.</param>
    public static InstallNeed Of(Manifest manifest, MachineFacts machine, HelixConfig config, InstallWords words, string? current)
    {
        if (Feasibility.Of(manifest, machine) is Feasibility.NotPossible impossible) return new Impossible($"not possible here, because it {impossible.Words}");
        if (manifest.IsAttached) return new Attached();
        if (manifest.Launch is null || manifest.Install.IsEmpty) return new Off("its manifest does not say how it is installed and started");

        // where there is no build for the best device of a machine, there may be one for the next
        var built = manifest with { Platforms = [.. manifest.Platforms.Where(row => !InstallChoice.Of(manifest, machine, row.Accelerator).IsEmpty)] };
        if (built.Platforms.IsEmpty || Feasibility.Of(built, machine) is not Feasibility.Possible possible) return new Off("its manifest names no file for this machine");

        ImmutableArray<InstallWay> ways = [.. InstallChoice.Of(manifest, machine, possible.Kind).Select(choice => choice.Way)];
        var version = words.Pinned ?? ways[0].Version!;
        var label = LabelOf(version, possible.Kind);
        var install = $"helix local-llm install {manifest.Id}";
        // any way of the manifest's own version is as good as another: the second may have succeeded where the first could not
        if (current is not null && (current == label || (words.Pinned is null && ways.Any(way => LabelOf(way.Version!, possible.Kind) == current)))) return new Satisfied();
        if (words.Removed && !words.Asked) return new Off($"removed by you; install it again with: {install}");
        if (!config.Providers.Allows(manifest.Id)) return new Off($"{manifest.Id} is not in providers.enabled");
        if (current is null && Unaccepted(ways[0], words, manifest.Id) is { } first) return first;
        if (current is null && !config.AutoManager.AutoInstall && !words.Asked) return new Off($"auto_manager.auto_install is off; install it with: {install}");
        // a newer version is brought by an update, which tries it beside the old one
        if (current is not null && !words.Asked && (!config.AutoManager.AutoUpdate || current.Split('+')[0] != version)) return new Satisfied();
        return Unaccepted(ways[0], words, manifest.Id) is { } unread ? unread : new Needed(words.Pinned is null ? ways : [.. ways.Select(way => At(way, version))], possible.Kind, version, label);
    }

    private static Off? Unaccepted(InstallWay way, InstallWords words, string id) => way.Accept is { } terms && words.Accepted != terms
        ? new Off($"its terms must be accepted first: read {terms}, then run: helix local-llm accept-license {id}")
        : null;

    /// <summary>Sizes and digests that a manifest tells are those of its own version.</summary>
    private static InstallWay At(InstallWay way, string version) => way.Version == version ? way
        : way with { Version = version, Bytes = null, Assets = [.. way.Assets.Select(asset => asset with { Bytes = null, Sha256 = null, Sha512 = null })] };

    /// <summary>Name of a release.</summary>
    public static string LabelOf(string version, Accelerator on) => on == Accelerator.None ? version : $"{version}+{on.ToString().ToLowerInvariant()}";
}
