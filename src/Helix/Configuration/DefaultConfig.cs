using System.Text;
using Helix.Core.Configuration;

namespace Helix.Configuration;

/// <summary>The file that the first start writes: every setting, commented out, with its default and its meaning.</summary>
internal static class DefaultConfig
{
    public static string Text { get; } = Write();

    private static string Write()
    {
        var text = new StringBuilder(
            """
            # The configuration of helix. Everything works without a change here.
            # Each line shows a default; take away its first # to change it. A running helix follows at once.
            # "helix config show" tells what holds now, and which settings have no effect yet;
            # "helix config set health.check_interval 60" edits this file for you.

            """);
        foreach (var section in SettingsTable.All.GroupBy(setting => setting.Section))
        {
            text.Append('\n').Append(section.Key).Append(":\n");
            foreach (var setting in section)
            {
                var line = $"  # {setting.Key}: {(setting.Default is { } value ? YamlText.Of(value) : "")}";
                text.Append(line.PadRight(32)).Append("  # ").Append(setting.Meaning).Append('\n');
            }
        }

        return text.ToString();
    }
}
