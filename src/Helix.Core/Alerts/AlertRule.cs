using System.Collections.Immutable;
using Helix.Core.History;

namespace Helix.Core.Alerts;

/// <summary>When an alert is raised, as <c>alerts/rules.yaml</c> and the user's own file say it.</summary>
/// <param name="Type">Null with causes: they know.</param>
/// <param name="Severity">Null: as the happening was told.</param>
/// <param name="For">It has to last for so long before anybody is told.</param>
/// <param name="Left">What is left for somebody to do; null: as the causes say.</param>
internal sealed record AlertRule(string Name, bool IsOn, AlertType? Type, Severity? Severity, TimeSpan For, string? Left, RuleTest Test);

/// <summary>What a rule looks for.</summary>
internal abstract record RuleTest
{
    private RuleTest() { }

    /// <summary>One of these happenings.</summary>
    internal sealed record Causes(ImmutableArray<string> Names) : RuleTest;

    /// <summary>So many of these happenings of one subject within a time.</summary>
    internal sealed record Rate(ImmutableArray<string> Names, int Count, TimeSpan Within) : RuleTest;

    /// <summary>A measure beyond a limit.</summary>
    /// <param name="Until">It is well again at this value, or a better one.</param>
    internal sealed record Measure(string Name, bool IsAbove, double Limit, double Until) : RuleTest
    {
        public bool IsBroken(double value) => IsAbove ? value > Limit : value < Limit;

        public bool IsWell(double value) => IsAbove ? value <= Until : value >= Until;
    }

    /// <summary>What is done again and again was not done for so many of its intervals.</summary>
    internal sealed record Absence(string Signal, int Intervals) : RuleTest;
}
