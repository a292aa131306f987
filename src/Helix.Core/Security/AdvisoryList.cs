using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Helix.Core.Configuration;
using Helix.Core.History;

namespace Helix.Core.Security;

/// <summary>A version of a provider that is on this machine.</summary>
/// <param name="Version">As its release is named.</param>
/// <param name="IsAttached">Somebody else runs it: helix cannot update it.</param>
internal sealed record PresentVersion(string Provider, string Version, bool IsAttached = false);

/// <summary>The vulnerabilities that are known. Only <see cref="Parse"/> makes one.</summary>
internal sealed class AdvisoryList
{
    private AdvisoryList(AdvisoryFile file) => (Number, Date, Advisories) = (file.Number, file.Date, [.. file.Advisories]);

    public int Number { get; }

    public DateOnly Date { get; }

    public ImmutableArray<Advisory> Advisories { get; }

    /// <summary>All that is wrong is told at once; then there is no list.</summary>
    public static (AdvisoryList? List, ImmutableArray<string> Errors) Parse(JsonNode? document)
    {
        AdvisoryFile? file;
        try
        {
            file = document.Deserialize(AdvisoryJson.Default.AdvisoryFile);
        }
        catch (JsonException wrong)
        {
            return (null, [$"{wrong.Path}: {wrong.Message}"]);
        }

        if (file is null) return (null, ["the list is empty"]);
        var errors = ImmutableArray.CreateBuilder<string>();
        if (file.Number <= 0) errors.Add("number: must be positive");
        for (var at = 0; at < file.Advisories.Count; at++)
            foreach (var error in Errors(file.Advisories[at]))
                errors.Add($"advisories[{at}] ({file.Advisories[at].Id}): {error}");
        foreach (var twice in file.Advisories.GroupBy(each => (each.Id, each.Provider)).Where(group => group.Count() > 1)) errors.Add($"{twice.Key.Id} stands there twice for {twice.Key.Provider}");
        return errors.Count > 0 ? (null, errors.ToImmutable()) : (new(file), []);
    }

    /// <summary>One finding for each version that is affected, however often.</summary>
    public ImmutableArray<SecurityFinding> Of(IEnumerable<PresentVersion> present) => [.. present.Distinct().Select(Of).OfType<SecurityFinding>()];

    private SecurityFinding? Of(PresentVersion present)
    {
        var its = Advisories.Where(each => each.Provider == present.Provider && each.Affected.Has(present.Version) == true).OrderByDescending(each => each.Severity).ThenBy(each => each.Id, StringComparer.Ordinal).ToArray();
        if (its.Length == 0) return null;
        var version = present.Version.Split('+')[0];
        var more = its.Length > 1 ? $", and {its.Length - 1} more ({string.Join(", ", its.Skip(1).Select(each => each.Id))})" : "";
        return new(
            FindingNames.KnownVulnerable, its[0].Severity, $"{present.Provider} {version}", $"{present.Provider} {version} has a vulnerability that is known: {its[0].Id}, {its[0].What}{more}; see {its[0].Source}",
            "the gateway and the sandbox stand between it and the world, and narrow what can be made of it; they do not mend it", Remedy(present, its))
        {
            Provider = present.Provider,
            Command = present.IsAttached || Mending(its) is not { } mended ? null : $"helix local-llm install {present.Provider}@{mended}",
        };
    }

    private static string Remedy(PresentVersion present, Advisory[] its) => (Mending(its), present.IsAttached) switch
    {
        ({ } version, true) => $"Update it to {version} or newer; helix does not run it, and cannot",
        ({ } version, false) => $"Update it to {version} or newer",
        (null, true) => "No version without it was known when the list was written; stop it where it is not needed",
        (null, false) => $"No version without it was known when the list was written; see what there is now with helix local-llm update --check",
    };

    /// <summary>The first version that has none of them; null where one of them is not mended in any.</summary>
    private static string? Mending(Advisory[] its) => its.Any(each => each.Fixed is null) ? null : its.Select(each => each.Fixed!).MaxBy(version => VersionOrder.Of(version)!.Value, Comparer<ImmutableArray<int>>.Create(VersionOrder.Compare));

    private static IEnumerable<string> Errors(Advisory advisory)
    {
        if (advisory.Id.Length == 0) yield return "id: is empty";
        if (!Words.IsName(advisory.Provider)) yield return $"provider: '{advisory.Provider}' is no id of a provider";
        if (advisory.Affected is { Before: null, Through: null }) yield return "affected: neither before nor through says where it ends";
        foreach (var version in new[] { advisory.Affected.From, advisory.Affected.Before, advisory.Affected.Through, advisory.Fixed }.OfType<string>())
            if (VersionOrder.Of(version) is null) yield return $"'{version}' is no version that can be compared";
        if (advisory.Severity == Severity.Info) yield return "severity: warning, error or critical is wanted";
        if (advisory.What.Length == 0) yield return "what: is empty";
        if (!Uri.TryCreate(advisory.Source, UriKind.Absolute, out var source) || source.Scheme != "https") yield return "source: nothing is written without the https address of one";
    }
}
