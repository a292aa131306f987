using System.Text.RegularExpressions;
using Helix.Cli;
using Helix.Core.Configuration;
using Helix.Tests.Cli.Fakes;

namespace Helix.Tests.Cli;

/// <summary>docs/CLI_REFERENCE.md says what the program does, and nothing else.</summary>
public sealed partial class ReferenceTests
{
    private static readonly string s_text = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "CLI_REFERENCE.md"));

    [Fact]
    public void Each_verb_has_its_section_with_every_option_and_argument()
    {
        using var line = new CommandLine();
        var root = line.Tree();
        var sections = Sections();
        foreach (var path in Verbs.Of(root).Where(path => !IsAlias(path)))
        {
            var verb = Verbs.Find(root, path);
            if (verb.Subcommands.Count > 0) continue;
            Assert.True(sections.TryGetValue(string.Join(' ', path), out var section), $"no section \"### {string.Join(' ', path)}\"");
            foreach (var option in verb.Options.Where(option => option.Name != "--help")) Assert.Contains($"`{option.Name}", section);
            foreach (var argument in verb.Arguments) Assert.Contains(argument.Name, section);
        }
    }

    [Fact]
    public void Every_section_and_every_option_named_exists()
    {
        using var line = new CommandLine();
        var root = line.Tree();
        foreach (var (title, section) in Sections())
        {
            var verb = Verbs.Find(root, title.Split(' '));
            var known = verb.Options.SelectMany(option => option.Aliases.Append(option.Name)).ToHashSet();
            foreach (Match option in Option().Matches(section)) Assert.Contains(option.Groups[1].Value, known);
        }
    }

    [Fact]
    public void Every_example_line_is_understood()
    {
        using var line = new CommandLine();
        var root = line.Tree();
        foreach (Match example in Example().Matches(s_text))
        {
            var words = QuotedJson().Replace(example.Groups[1].Value.Split(" > ")[0].Split(" < ")[0], "JSON");
            Assert.Empty(root.Parse(words).Errors.Select(error => $"{words}: {error.Message}"));
        }
    }

    [Fact]
    public void The_exit_codes_are_the_real_ones()
    {
        var written = ExitCode().Matches(s_text).Select(match => (int.Parse(match.Groups[1].Value), match.Groups[2].Value));

        Assert.Equal(ExitCodes.All, written);
    }

    [Fact]
    public void The_settings_are_the_real_ones()
    {
        var written = SettingRow().Matches(s_text).Select(match => (match.Groups[1].Value, match.Groups[2].Value.Trim('`'), match.Groups[3].Value, match.Groups[4].Value));
        var real = SettingsTable.All.Select(setting => (
            setting.Path, Setting.Print(setting.Default),
            setting.Effect switch { TakesEffect.Now => "at once", TakesEffect.NextStart => "next start", _ => "no effect yet" },
            $"{setting.Meaning} {char.ToUpperInvariant(setting.Kind.Allowed[0])}{setting.Kind.Allowed[1..]}."));

        Assert.Equal(real, written);
    }

    private static bool IsAlias(string[] path) => path is [_, "local-llm", "config", ..];

    private static Dictionary<string, string> Sections() =>
        s_text.Split("\n### ").Skip(1).Where(part => part.StartsWith("helix", StringComparison.Ordinal))
            .ToDictionary(part => part[..part.IndexOf('\n', StringComparison.Ordinal)], part => part.Split("\n## ")[0]);

    [GeneratedRegex(@"^\| `(--?[a-z-]+)", RegexOptions.Multiline)]
    private static partial Regex Option();

    [GeneratedRegex(@"^    helix ([^#\n]+)$", RegexOptions.Multiline)]
    private static partial Regex Example();

    [GeneratedRegex(@"^\| (\d+) \| ([^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex ExitCode();

    [GeneratedRegex(@"^\| `([a-z_]+\.[a-z_]+)` \| ([^|]*) \| ([^|]+) \| ([^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex SettingRow();

    [GeneratedRegex("'[^']*'")]
    private static partial Regex QuotedJson();
}
