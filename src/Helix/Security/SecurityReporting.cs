using Helix.Contracts;
using Helix.Core.Security;

namespace Helix.Security;

/// <summary>Findings as the API and the command line tell them: the worst first.</summary>
internal static class SecurityReporting
{
    public static IReadOnlyList<SecurityFindingReport> Of(IEnumerable<SecurityFinding> findings) =>
        [.. findings.OrderByDescending(finding => finding.Severity).ThenBy(finding => finding.Key, StringComparer.Ordinal).Select(Of)];

    private static SecurityFindingReport Of(SecurityFinding finding) =>
        new(finding.Name, finding.Severity, finding.Subject, finding.Provider, finding.What, finding.Why, finding.Remedy, finding.Command, finding.Done);
}
