using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Helix.Core.Configuration;
using Helix.Core.Manifests;

namespace Helix.Core.Alerts;

/// <summary>The only way from what was written to <see cref="AlertRules"/>: every key and value is known, or refused with its path and line.</summary>
internal static class AlertRulesParser
{
    /// <param name="shipped">The rules that come with helix.</param>
    /// <param name="own">The user's own, over those; null for none.</param>
    public static AlertRulesOutcome Parse(ConfigDocument shipped, ConfigDocument? own)
    {
        var errors = ShapeCheck.Of(AlertRuleShape.Fields, shipped);
        if (own is not null) errors.AddRange(ShapeCheck.Of(AlertRuleShape.Fields, own));
        if (errors.Count > 0) return Bad(errors);

        var document = own ?? shipped;
        var (drafts, written) = (Drafts(shipped), own is null ? [] : Drafts(own));
        foreach (var draft in (own is null ? drafts : written).Where(draft => draft is { Type: not null, Tests: [RuleTest.Causes] }))
            errors.Add(ShapeCheck.Error(document, $"{draft.Path}.type", "means nothing with causes, which know theirs; remove the line"));
        foreach (var twice in (own is null ? drafts : written).GroupBy(draft => draft.Name, StringComparer.Ordinal).SelectMany(same => same.Skip(1)))
            errors.Add(ShapeCheck.Error(document, $"{twice.Path}.name", $"{twice.Name} stands here twice; write one rule"));
        var all = Merged(drafts, written);
        foreach (var draft in own is null ? all : all.Where(draft => written.Any(mine => mine.Name == draft.Name)))
            if (draft.Wrong() is { } wrong) errors.Add(ShapeCheck.Error(document, draft.Path, $"{draft.Name} {wrong}"));
        return errors.Count > 0 ? Bad(errors) : new AlertRulesOutcome.Good(new([.. all.Select(draft => draft.Rule())]));
    }

    private static AlertRulesOutcome.Bad Bad(List<ConfigError> errors) => new([.. errors.OrderBy(error => error.Line ?? 0)]);

    private static List<RuleDraft> Drafts(ConfigDocument document) =>
        [.. document.Values["rules"]!.AsArray().Select((row, at) => RuleDraft.Of((JsonObject)row!, $"rules[{at}]"))];

    /// <summary>In the order in which they come with helix, the user's further ones behind them.</summary>
    private static ImmutableArray<RuleDraft> Merged(List<RuleDraft> shipped, List<RuleDraft> own) =>
    [
        .. shipped.Select(draft => own.Find(mine => mine.Name == draft.Name)?.Over(draft) ?? draft),
        .. own.Where(mine => !shipped.Exists(draft => draft.Name == mine.Name)),
    ];
}
