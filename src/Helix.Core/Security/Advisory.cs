using System.Text.Json.Serialization;
using Helix.Core.History;

namespace Helix.Core.Security;

/// <summary>A vulnerability that is known of a provider, as <c>security/advisories.yaml</c> has it.</summary>
/// <param name="Id">As the world names it: CVE-…, GHSA-…, PYSEC-….</param>
/// <param name="Provider">Id of its manifest.</param>
/// <param name="Severity">How bad its source calls it: low or medium is a warning, high an error.</param>
/// <param name="What">One clause.</param>
/// <param name="Source">Address of a page that states all this.</param>
/// <param name="Fixed">The first version without it; null where none was known.</param>
internal sealed record Advisory(string Id, string Provider, AffectedVersions Affected, Severity Severity, string What, string Source, string? Fixed = null);

/// <param name="From">The first; null for the very first.</param>
/// <param name="Before">The first that is not any more.</param>
/// <param name="Through">The last that was known to be.</param>
internal sealed record AffectedVersions(string? From = null, string? Before = null, string? Through = null)
{
    /// <summary>Null where the version cannot be compared with these.</summary>
    public bool? Has(string version)
    {
        if (VersionOrder.Of(version) is not { } its) return null;
        return (From is null || Compare(From) >= 0) && (Before is null || Compare(Before) < 0) && (Through is null || Compare(Through) <= 0);

        int Compare(string bound) => VersionOrder.Compare(its, VersionOrder.Of(bound)!.Value);
    }
}

/// <summary>The list as written.</summary>
/// <param name="Number">Grows with each list that is published: one with a lower number is older.</param>
/// <param name="Date">When it was written.</param>
internal sealed record AdvisoryFile(int Number, DateOnly Date, IReadOnlyList<Advisory> Advisories);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(AdvisoryFile))]
internal sealed partial class AdvisoryJson : JsonSerializerContext;
