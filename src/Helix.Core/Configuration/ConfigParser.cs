using System.Text.Json.Nodes;

namespace Helix.Core.Configuration;

/// <summary>The only way from what was written to a <see cref="HelixConfig"/>.</summary>
internal static class ConfigParser
{
    public static ConfigOutcome Parse(ConfigDocument document)
    {
        var errors = new List<ConfigError>();
        var config = HelixConfig.Default;
        foreach (var (section, value) in document.Values)
        {
            switch (value)
            {
                case var _ when !SettingsTable.Sections.Contains(section): Refuse(section, Unknown(section)); break;
                case null: break;
                case JsonObject keys: config = ReadSection(section, keys, config); break;
                default: Refuse(section, $"must be a section with keys of its own, was {value.ToJsonString()}"); break;
            }
        }

        return errors.Count == 0
            ? new ConfigOutcome.Good(config, document)
            : new ConfigOutcome.Bad([.. errors.OrderBy(error => error.Line ?? 0)]);

        HelixConfig ReadSection(string section, JsonObject keys, HelixConfig before)
        {
            foreach (var (key, value) in keys)
            {
                var path = $"{section}.{key}";
                if (SettingsTable.Find(path) is not { } setting) Refuse(path, Unknown(path));
                else if (setting.Refuse(value) is { } refusal) Refuse(path, refusal);
                else before = setting.Write(before, value);
            }

            return before;
        }

        void Refuse(string path, string what) =>
            errors.Add(new(path, document.Lines.TryGetValue(path, out var line) ? line : null, what));
    }

    /// <summary>What to say of a section or key that does not exist.</summary>
    public static string Unknown(string path)
    {
        if (SettingsTable.Sections.Contains(path)) return $"that is a section; its settings are {string.Join(", ", SettingsTable.All.Select(setting => setting.Path).Where(key => key.StartsWith(path + ".", StringComparison.Ordinal)))}";
        var isSection = !path.Contains('.', StringComparison.Ordinal);
        var near = isSection ? Nearest.To(path, SettingsTable.Sections) ?? SettingsTable.NearestTo(path) : SettingsTable.NearestTo(path);
        return $"there is no such {(isSection ? "section" : "setting")}; "
            + (near is null ? "\"helix config show\" lists them all" : $"did you mean {near}?");
    }
}
