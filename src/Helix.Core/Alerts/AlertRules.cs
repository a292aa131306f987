using System.Collections.Immutable;

namespace Helix.Core.Alerts;

/// <summary>The rules that hold. Only <see cref="AlertRulesParser"/> makes them from text.</summary>
internal sealed class AlertRules
{
    private readonly Dictionary<string, AlertRule> _byName;
    private readonly Dictionary<string, AlertRule> _byCause = new(StringComparer.Ordinal);

    public AlertRules(ImmutableArray<AlertRule> all)
    {
        All = all;
        _byName = all.ToDictionary(rule => rule.Name, StringComparer.Ordinal);
        foreach (var rule in all)
            if (rule.Test is RuleTest.Causes(var names))
                foreach (var name in names)
                    if (rule.IsOn || !_byCause.ContainsKey(name)) _byCause[name] = rule;
    }

    public static AlertRules None { get; } = new([]);

    public ImmutableArray<AlertRule> All { get; }

    public IEnumerable<AlertRule> On => All.Where(rule => rule.IsOn);

    /// <summary>The last rule that is on and names a cause: one's own stand behind those of helix. One that is off where no other is on; null where none names it.</summary>
    public AlertRule? OfCause(string name) => _byCause.GetValueOrDefault(name);

    public bool IsOn(string name) => _byName.TryGetValue(name, out var rule) && rule.IsOn;
}

/// <summary>What came of reading rules.</summary>
internal abstract record AlertRulesOutcome
{
    private AlertRulesOutcome() { }

    internal sealed record Good(AlertRules Rules) : AlertRulesOutcome;

    /// <param name="Errors">All of them, in the order of their lines; never empty.</param>
    internal sealed record Bad(ImmutableArray<Configuration.ConfigError> Errors) : AlertRulesOutcome;
}
