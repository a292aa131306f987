using System.Collections.Immutable;
using Helix.Core.History;
using Helix.Core.Install;
using Helix.Core.Security;

namespace Helix.Core.Tests.Security;

public class FindingChangesTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 29, 10, 0, 0, TimeSpan.Zero);
    private static readonly SecurityFinding s_open = new(FindingNames.EngineListens, Severity.Critical, "x-m", "it listens", "it may be reached", "Stop it") { Command = "helix local-llm stop x" };
    private static readonly SecurityFinding s_mended = new(FindingNames.Permissions, Severity.Info, "/h/x", "it is open", "it is private", "Close it") { Done = "helix took the rights away" };

    [Fact]
    public void A_matter_is_told_when_it_comes_as_an_alert_and_when_it_goes_as_a_remark()
    {
        var come = FindingChanges.Of([], [s_open], [], s_now);
        var stays = FindingChanges.Of(FindingChanges.Open([s_open]), [s_open], [], s_now);
        var gone = FindingChanges.Of(FindingChanges.Open([s_open]), [], [], s_now);

        Assert.Equal([HistoryKind.Security, HistoryKind.Alert], come.Select(each => each.Kind));
        Assert.Equal("it listens: it may be reached. Stop it: helix local-llm stop x", come[1].Words);
        Assert.Empty(stays);
        Assert.Equal((FindingChanges.Cleared, "x-m", Severity.Info), (Assert.Single(gone).What, gone[0].Subject, gone[0].Severity));
    }

    [Fact]
    public void What_a_look_can_say_nothing_of_did_not_go()
    {
        ImmutableHashSet<string> known = ["release_changed x 1", "advisories_refused https://lists.example/a", "engine_listens x-m", "foreign_process x-m", "sandbox_lost x-m", "owner /h/x"];

        Assert.Equal(["advisories_refused https://lists.example/a", "release_changed x 1"], FindingChanges.Unseen(known, compared: false, judged: true).Order(StringComparer.Ordinal));
        Assert.Equal(["engine_listens x-m", "foreign_process x-m", "sandbox_lost x-m"], FindingChanges.Unseen(known, compared: true, judged: false).Order(StringComparer.Ordinal));
        Assert.Empty(FindingChanges.Unseen(known, compared: true, judged: true));
        Assert.Equal(["/h/x"], FindingChanges.Of(known, [], FindingChanges.Unseen(known, compared: false, judged: false), s_now).Select(each => each.Subject));
    }

    [Fact]
    public void What_was_mended_is_said_each_time_and_is_not_open()
    {
        var said = FindingChanges.Of(FindingChanges.Open([s_mended]), [s_mended], [], s_now);

        Assert.Equal("it is open: it is private. helix took the rights away.", Assert.Single(said).Words);
        Assert.Empty(FindingChanges.Open([s_mended]));
    }

    [Fact]
    public void Changed_programs_are_critical_and_say_how_they_are_made_again()
    {
        var changes = new FileChanges(["bin/a"], ["lib/b.so"], ["c.py"]);

        var findings = ReleaseRules.Of([new("vllm", "1", "/h/vllm/1", ReleaseOrigin.Current, changes), new("vllm", "0", "/h/vllm/0", ReleaseOrigin.Kept, changes), new("vllm", "2", "/h/vllm/2", ReleaseOrigin.Kept, new([], [], []))]);

        Assert.Equal(2, findings.Length);
        Assert.All(findings, finding => Assert.Equal(Severity.Critical, finding.Severity));
        Assert.Contains("1 changed (bin/a); 1 missing (lib/b.so); 1 added (c.py)", findings[0].What, StringComparison.Ordinal);
        Assert.Equal("rm -r '/h/vllm/0'", findings[1].Command);
    }
}
