using System.Reflection;
using System.Text.RegularExpressions;
using Helix.Core.Alerts;
using Helix.Core.Security;

namespace Helix.Tests.Alerts;

/// <summary>Whoever tells an alert somewhere in the source has a row in the table of causes, and whoever tells them anew has to give it one.</summary>
public sealed partial class AlertSourceTests
{
    /// <summary>Told with a warning beside an error in one line, and no alert.</summary>
    private static readonly string[] s_none = ["update_not_installed"];

    private static readonly string[] s_tellers =
    [
        "src/Helix.Core/Fleet/FleetEvents.cs", "src/Helix.Core/Security/FindingChanges.cs", "src/Helix/Automation/CleanupTools.cs", "src/Helix/Automation/DailyCleanup.cs", "src/Helix/Automation/DiskWatch.cs",
        "src/Helix/Backup/Backups.cs", "src/Helix/Healing/Healer.cs", "src/Helix/Models/ModelReturn.cs", "src/Helix/SelfUpdate/ReleaseSwitch.cs", "src/Helix/SelfUpdate/SelfUpdater.cs", "src/Helix/Updates/Updater.cs",
    ];

    public static TheoryData<string> Tellers => [.. s_tellers];

    [Fact]
    public void These_files_tell_alerts_and_no_others()
    {
        var found = Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => Told().IsMatch(File.ReadAllText(file)))
            .Select(file => Path.GetRelativePath(RepositoryRoot.Path, file))
            .Where(file => !file.Contains("/Alerts/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal));

        Assert.Equal(s_tellers, found.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Tellers))]
    public void Each_word_that_a_file_tells_has_its_row(string file)
    {
        var text = File.ReadAllText(Path.Combine(RepositoryRoot.Path, file));
        var prefix = file.Contains("/Updates/", StringComparison.Ordinal) || file.Contains("/SelfUpdate/", StringComparison.Ordinal) ? "update_" : "";
        var words = After().Matches(text).SelectMany(match => new[] { match.Groups[1].Value, match.Groups[2].Value })
            .Concat(Before().Matches(text).Select(match => match.Groups[1].Value))
            .Where(word => word.Length > 0).Select(word => prefix + word).Except(s_none).ToArray();

        Assert.All(words, word => Assert.True(AlertCauses.Find(word) is not null, $"{file} tells {word}, which has no row among the causes of alerts"));
        Assert.True(words.Length > 0 || file.EndsWith("FindingChanges.cs", StringComparison.Ordinal) || file.EndsWith("CleanupTools.cs", StringComparison.Ordinal), $"no word was found in {file}");
    }

    [Fact]
    public void Every_finding_has_its_row() => Assert.All(
        typeof(FindingNames).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!),
        name => Assert.Equal(AlertType.Security, AlertCauses.FamilyOf(AlertCauses.Find(name)!).Type));

    [GeneratedRegex(@"HistoryKind\.Alert\b|isAlert: ")]
    private static partial Regex Told();

    [GeneratedRegex("""Severity\.(?:Error|Critical)[^;"]*?"([a-z]+(?:_[a-z]+)*)"(?: : "([a-z]+(?:_[a-z]+)*)")?""")]
    private static partial Regex After();

    [GeneratedRegex("""=> \("([a-z]+(?:_[a-z]+)*)", Severity\.""")]
    private static partial Regex Before();
}
