using Helix.StandIn.Flags;

namespace Helix.StandIn.Poses;

/// <summary>The flat part of YAML that the configuration files of engines need: <c>key: value</c>, sections by indentation, comments.</summary>
internal static class ConfigLines
{
    /// <summary>Each value by its path, as <c>network.port</c>.</summary>
    /// <exception cref="FormatException">A line is none of these.</exception>
    public static Dictionary<string, string> Read(string file)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var section = "";
        foreach (var raw in File.ReadLines(file))
        {
            var line = Uncommented(raw).TrimEnd();
            if (line.Length == 0 || line is "---") continue;
            var indented = line[0] is ' ';
            var text = line.Trim();
            if (text.StartsWith("- ", StringComparison.Ordinal))
            {
                values[section] = values.TryGetValue(section, out var before) ? $"{before},{Bare(text[2..])}" : Bare(text[2..]);
                continue;
            }

            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1) throw new FormatException($"could not find expected ':' in \"{text}\"");
            var (key, value) = (text[..colon].Trim(), text[(colon + 1)..].Trim());
            if (value.StartsWith('{') && value.EndsWith('}'))
            {
                foreach (var pair in value[1..^1].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                    if (pair.Split(':', 2) is [var inner, var of])
                        values[$"{key}.{inner.Trim()}"] = Bare(of);
            }
            else if (!indented && value.Length == 0) section = key;
            else values[indented && section.Length > 0 ? $"{section}.{key}" : key] = Bare(value);
        }

        return values;
    }

    /// <summary>A file of long flag names.</summary>
    public static void Into(ParsedFlags flags, string file)
    {
        if (!File.Exists(file)) throw new Exit(1, $"FileNotFoundError: [Errno 2] No such file or directory: '{file}'");
        foreach (var (key, value) in Read(file))
            if (value != "false") flags.AddUnlessThere($"--{key}", value);
    }

    private static string Uncommented(string line)
    {
        var sign = line.IndexOf(" #", StringComparison.Ordinal);
        return line.StartsWith('#') ? "" : sign < 0 ? line : line[..sign];
    }

    private static string Bare(string value) => value.Trim().Trim('"', '\'');
}
