using Helix.Core.Connect;

namespace Helix.Connect;

/// <summary>How each format is edited.</summary>
internal static class SettingsTexts
{
    private static readonly JsonSettings s_json = new();
    private static readonly TomlSettings s_toml = new();
    private static readonly YamlSettings s_yaml = new();

    /// <summary>Null for a tool without a file.</summary>
    public static ISettingsText? Of(SettingsFormat format) => format switch
    {
        SettingsFormat.Json => s_json,
        SettingsFormat.Toml => s_toml,
        SettingsFormat.Yaml => s_yaml,
        _ => null,
    };
}
