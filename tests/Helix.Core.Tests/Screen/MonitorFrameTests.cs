using CsCheck;
using Helix.Core.Screen;

namespace Helix.Core.Tests.Screen;

public sealed class MonitorFrameTests
{
    private static readonly Gen<ProviderLine> s_provider = Gen.Select(CellTextTests.Words, CellTextTests.Words, CellTextTests.Words, Gen.Double[-1, 1e15]).Select((id, state, words, figure) => new ProviderLine(
        id, 0, words, state, words, Pictures.Now, figure, words, id, figure, figure, figure, figure, figure, figure, figure / 1e15, [(words, "ok"), (state, "bad")], ["start", "stop", "logs"]));

    private static readonly Gen<MonitorState> s_state = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 4], Gen.Int[0, 5], Gen.Bool, CellTextTests.Words).Select((sort, panel, mode, keys, words) => new MonitorState
    {
        Sort = (MonitorSort)sort,
        Panel = (MonitorPanel)panel,
        HasKeys = keys,
        Notice = mode == 5 ? words : "",
        Lost = mode == 4 ? words : null,
        Mode = mode switch
        {
            1 => new MonitorMode.Help(),
            2 => new MonitorMode.Logs(words, panel),
            3 => new MonitorMode.Asking("start", words, words),
            _ => new MonitorMode.Watching(),
        },
    });

    [Fact]
    public void No_line_is_too_wide_and_there_are_never_too_many_and_nothing_in_them_steers() =>
        Gen.Select(s_provider.Array[0, 20], CellTextTests.Words.Array[0, 30], s_state, Gen.Int[0, 200], Gen.Int[0, 60]).Sample((providers, words, state, width, height) =>
        {
            var usual = Pictures.Usual;
            var picture = usual with
            {
                Providers = providers,
                Helix = usual.Helix with { Version = words.Length > 0 ? words[0] : "", Notes = words },
                Alerts = [.. words.Select(word => new AlertLine("error", word, Pictures.Now, word, word, word))],
                Performance = [.. words.Select(word => new PerformanceLine(word, word, new(1, 2, 3), null))],
                Automations = [.. words.Select(word => new AutomationLine(word, word, true, Pictures.Now, null, word))],
            };

            var lines = MonitorFrame.Of(picture, state, words, width, height, Pictures.Now);

            Assert.True(lines.Count <= height, $"{lines.Count} lines of {height}");
            foreach (var line in lines)
            {
                Assert.True(CellText.Width(line.Text) <= width, $"{CellText.Width(line.Text)} cells of {width}: {line.Text}");
                Assert.Equal(CellText.Width(line.Text), line.Width);
                CellTextTests.AssertHarmless(line.Text);
            }
        });

    [Fact]
    public void All_of_it_is_there_in_a_frame_that_is_only_written_down()
    {
        var text = Pictures.Text(MonitorFrame.Of(Pictures.Usual, new MonitorState { HasKeys = false }, [], 200, 10_000, Pictures.Now));

        foreach (var part in (string[])[
            "helix 0.1.0+5e8957c6  http://127.0.0.1:4359  up 2 h 5 min", "10:30:15 UTC", "cpu [###.......] 31 % of 8", "memory [##........] 4 GB of 16 GB", "disk 40 GB free", "gpu NVIDIA L4  [####......] 40 %  10 GB of 24 GB  61 °C  40 W",
            "now 2 running, 1 waiting  3.1 requests/s", "engines 2 GB of 10 GB", "helix 41 MB", "note: a note that matters", "answers, and produced a token", "639.4 MB", "1.2 K", "++.x", "99.95 %", "v0.4.0", "ALERTS  2", "it ended five times (helix local-llm logs vllm)",
            "builtin  tiny", "120", "900", "1200", "8.3", "all is well", "backs up", "15s ago", "in 30s"])
            Assert.Contains(part, text, StringComparison.Ordinal);
        Assert.DoesNotContain("q leave", text, StringComparison.Ordinal);
        Assert.DoesNotContain('>', text);
    }

    [Fact]
    public void What_wants_somebody_comes_first()
    {
        var lines = MonitorFrame.Of(Pictures.Usual, new MonitorState(), [], 80, 24, Pictures.Now);

        Assert.Equal(24, lines.Count);
        Assert.Equal(
            ["> vllm", "  builtin", "  gpt4all", "  jan"],
            lines.Select(line => line.Text).SkipWhile(text => !text.Contains("PROVIDER", StringComparison.Ordinal)).Skip(1).Take(4).Select(text => text[..12].TrimEnd()));
        Assert.StartsWith("> vllm", lines.Single(line => line.IsChosen).Text, StringComparison.Ordinal);
        Assert.Contains("vLLM  critical  ended five times", Pictures.Text(lines), StringComparison.Ordinal);
        Assert.StartsWith("? help  q leave", lines[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_there_is_room_for_one_of_both_a_model_is_shown_of_what_runs_and_a_reason_of_the_rest()
    {
        var text = Pictures.Text(MonitorFrame.Of(Pictures.Usual, new MonitorState(), [], 80, 24, Pictures.Now));

        Assert.Contains("MODEL OR REASON", text, StringComparison.Ordinal);
        Assert.Contains("fits this machine", text, StringComparison.Ordinal);
        Assert.DoesNotContain("MODEL OR REASON", Pictures.Text(MonitorFrame.Of(Pictures.Usual, new MonitorState(), [], 160, 24, Pictures.Now)), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_what_holds_the_letters_is_shown_and_one_panel_can_have_all_the_room()
    {
        var filtered = Pictures.Text(MonitorFrame.Of(Pictures.Usual, new MonitorState { Filter = "GPT" }, [], 80, 40, Pictures.Now));
        Assert.Contains("> gpt4all", filtered, StringComparison.Ordinal);
        Assert.DoesNotContain("  jan", filtered, StringComparison.Ordinal);
        Assert.Contains("PROVIDER 1/4", filtered, StringComparison.Ordinal);

        var alerts = Pictures.Text(MonitorFrame.Of(Pictures.Usual, new MonitorState { Panel = MonitorPanel.Alerts }, [], 80, 24, Pictures.Now));
        Assert.Contains("it is known", alerts, StringComparison.Ordinal);
        Assert.DoesNotContain("PROVIDER", alerts, StringComparison.Ordinal);
    }

    [Fact]
    public void While_nothing_is_heard_it_says_so_and_shows_what_was()
    {
        var text = Pictures.Text(MonitorFrame.Of(Pictures.Usual, new MonitorState { Lost = "the daemon went away" }, [], 80, 24, Pictures.Now.AddMinutes(1)));

        Assert.Contains("helix is not heard: the daemon went away; what is shown is of 10:30:15 UTC", text, StringComparison.Ordinal);
        Assert.Contains("builtin", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_shows_its_end_and_goes_back()
    {
        string[] logs = [.. Enumerable.Range(1, 100).Select(number => $"line {number} \e[31m")];

        var end = MonitorFrame.Of(Pictures.Usual, new MonitorState { Mode = new MonitorMode.Logs("vllm", 0) }, logs, 80, 12, Pictures.Now);
        Assert.Equal(("log of vllm  follows what comes", "line 91  [31m", "line 100  [31m"), (end[0].Text, end[1].Text, end[10].Text));

        var back = MonitorFrame.Of(Pictures.Usual, new MonitorState { Mode = new MonitorMode.Logs("vllm", 40) }, logs, 80, 12, Pictures.Now);
        Assert.Equal(("log of vllm  40 lines back", "line 60  [31m"), (back[0].Text, back[10].Text));

        var begin = MonitorFrame.Of(Pictures.Usual, new MonitorState { Mode = new MonitorMode.Logs("vllm", 99) }, logs, 80, 12, Pictures.Now);
        Assert.Equal(("log of vllm  90 lines back", "line 1  [31m", "line 10  [31m"), (begin[0].Text, begin[1].Text, begin[10].Text));
    }
}
