using Helix.Contracts;
using Helix.Core.Configuration;

namespace Helix.Configuration;

/// <summary>Everything that is to be known of a setting, for a page that shows and changes it.</summary>
internal static class SettingDetails
{
    public static SettingDetail Of(Setting setting, HelixConfig config, bool isInFile)
    {
        var (kind, choices, min, max, unit) = KindOf(setting.Kind);
        return new(
            setting.Path, setting.Section, setting.Key, setting.Meaning, kind, setting.Kind.Allowed, choices, min, max, unit is { Length: > 0 } ? unit : null, Setting.Print(setting.Default),
            Setting.Print(setting.Read(config)), isInFile ? "file" : "default", EffectOf(setting.Effect));
    }

    public static string EffectOf(TakesEffect effect) => effect switch { TakesEffect.Now => "now", TakesEffect.NextStart => "next_start", _ => "not_yet" };

    private static (string Kind, IReadOnlyList<string>? Choices, decimal? Min, decimal? Max, string? Unit) KindOf(SettingKind kind) => kind switch
    {
        SettingKind.Toggle => ("toggle", null, null, null, null),
        SettingKind.Whole whole => ("whole", null, whole.Besides is { } other ? Math.Min(other, whole.Min) : whole.Min, whole.Max, whole.Unit),
        SettingKind.Amount amount => ("amount", null, amount.Min, amount.Max, amount.Unit),
        SettingKind.Choice choice => ("choice", choice.Values, null, null, null),
        SettingKind.Text => ("text", null, null, null, null),
        SettingKind.List => ("list", null, null, null, null),
        SettingKind.Numbers => ("numbers", null, null, null, null),
        SettingKind.Texts => ("texts", null, null, null, null),
        _ => throw new InvalidOperationException($"a new kind of setting: {kind}"),
    };
}
