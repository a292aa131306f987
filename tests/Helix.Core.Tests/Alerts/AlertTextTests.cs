using Helix.Core.Alerts;
using Helix.Core.History;
using static Helix.Core.Tests.Alerts.AlertStage;

namespace Helix.Core.Tests.Alerts;

public sealed class AlertTextTests
{
    private readonly AlertStage _stage = new();

    [Fact]
    public void A_message_says_what_happened_since_when_what_helix_did_and_what_is_left()
    {
        _stage.Turn(Told("critical", "vllm-m", Severity.Critical, "vllm"), Told("rebuild", "vllm-m", Severity.Error, "vllm"));
        _stage.Pass(TimeSpan.FromSeconds(11));
        _stage.Turn(Event("state.ready", "vllm-m", "vllm"));
        _stage.Pass(TimeSpan.FromMinutes(3));

        Assert.Equal("critical: critical of vllm-m", AlertText.Title(_stage.Messages[0]));
        Assert.Equal(
            """
            CRITICAL critical of vllm-m
              since 2026-11-29 10:00 UTC
              helix did: rebuild of vllm-m
              left to do: helix tries it again by itself, slower each time; to see why: helix local-llm logs vllm
              alert 1: http://h/#alerts/1

            """,
            AlertText.Plain(_stage.Messages[0]));
        Assert.Equal("resolved: critical of vllm-m", AlertText.Title(_stage.Messages[1]));
        Assert.Equal(
            """
            RESOLVED critical of vllm-m
              from 2026-11-29 10:00 UTC to 2026-11-29 10:00 UTC: vllm-m state.ready
              helix did: rebuild of vllm-m
              alert 1: http://h/#alerts/1

            """,
            AlertText.Plain(_stage.Messages[1]));
    }

    [Fact]
    public void Many_are_named_by_their_number_and_their_causes()
    {
        _stage.Turn([.. Enumerable.Range(0, 25).Select(at => Told(at % 2 == 0 ? "permissions" : "owner", $"f{at:00}"))]);
        _stage.Pass(TimeSpan.FromSeconds(11));

        var message = Assert.Single(_stage.Messages);
        Assert.Equal("error: 25 alerts (permissions, owner)", AlertText.Title(message));
        Assert.EndsWith("and 5 more: helix alerts list\n", AlertText.Plain(message), StringComparison.Ordinal);
    }

    [Fact]
    public void The_banner_is_one_line_about_the_worst_that_nobody_acknowledged()
    {
        Assert.Null(AlertText.Banner(_stage.Book, Severity.Error, _stage.Now));
        _stage.Turn(Told("permissions", "/h", Severity.Warning), Told("critical", "a"), Told("critical", "b", Severity.Critical) with { Words = "first\nsecond" });

        Assert.Equal("helix: CRITICAL since 2026-11-29 10:00 UTC: first second, and 1 more; see: helix alerts list", AlertText.Banner(_stage.Book, Severity.Error, _stage.Now));
        _stage.Ask(new AlertWish.Acknowledge([3], "ann", null));
        Assert.Equal("helix: ERROR since 2026-11-29 10:00 UTC: critical of a; see: helix alerts list", AlertText.Banner(_stage.Book, Severity.Error, _stage.Now));
        _stage.Ask(new AlertWish.Quieten(2, null, _stage.Now.AddHours(1), "ann", null));
        Assert.Null(AlertText.Banner(_stage.Book, Severity.Error, _stage.Now));
    }
}
