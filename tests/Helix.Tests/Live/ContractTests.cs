using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Helix.Contracts;

namespace Helix.Tests.Live;

/// <summary>What the page reads, as <c>ui/src/contract.ts</c> has it, is what it is sent.</summary>
public sealed partial class ContractTests
{
    private static readonly string s_contract = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "ui", "src", "contract.ts"));

    private static readonly (string Name, JsonTypeInfo Type)[] s_told =
    [
        ("Helix", LiveJson.Default.LiveHelix), ("Provider", LiveJson.Default.LiveProvider), ("HealthStep", LiveJson.Default.LiveHealthStep), ("Instance", LiveJson.Default.LiveInstance),
        ("ServedModel", LiveJson.Default.LiveModel), ("Figures", LiveJson.Default.LiveFigures), ("Gpu", LiveJson.Default.LiveGpu), ("Traffic", LiveJson.Default.LiveTraffic),
        ("Minute", LiveJson.Default.LiveMinute), ("Quantiles", LiveJson.Default.LiveLatency), ("Performance", LiveJson.Default.LivePerformance),
        ("PerformanceMinute", LiveJson.Default.LivePerformanceMinute), ("MachineMinute", LiveJson.Default.LiveMachineMinute), ("Automation", LiveJson.Default.LiveAutomation),
        ("Happening", LiveJson.Default.LiveEvent), ("KeptAlert", AlertApiJson.Default.AlertReport), ("Uptime", HistoryJson.Default.UptimeReport),
        ("Candidate", RouteJson.Default.RouteDecisionCandidate), ("Route", RouteJson.Default.RouteDecisionReport),
    ];

    /// <summary>That only the history tells, of which the page asks besides.</summary>
    private static readonly string[] s_elsewhere = ["Happening.data"];

    [Fact]
    public void Whatever_the_page_reads_is_sent()
    {
        var lacking = new List<string>();
        foreach (var (name, type) in s_told)
        {
            var read = FieldsOf(name);
            Assert.NotEmpty(read);
            lacking.AddRange(read.Except(type.Properties.Select(property => property.Name)).Select(field => $"{name}.{field}"));
        }

        Assert.Equal(s_elsewhere, lacking);
    }

    private static string[] FieldsOf(string name)
    {
        var begin = s_contract.IndexOf($"export interface {name} {{\n", StringComparison.Ordinal);
        Assert.True(begin >= 0, $"contract.ts has no {name}");
        return [.. Field().Matches(s_contract[begin..s_contract.IndexOf("\n}", begin, StringComparison.Ordinal)]).Select(match => match.Groups[1].Value)];
    }

    [GeneratedRegex(@"^  readonly (\w+)\??:", RegexOptions.Multiline)]
    private static partial Regex Field();
}
