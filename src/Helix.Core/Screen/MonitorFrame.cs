namespace Helix.Core.Screen;

/// <summary>What the monitor shows, as lines: a pure function of the state of helix, of what somebody has chosen, and of the size of the terminal.</summary>
internal static class MonitorFrame
{
    /// <summary>Below this there is no room for more than the rows themselves.</summary>
    private const int HighEnoughForDetails = 16;

    /// <summary>Below this the machine makes room for what runs on it.</summary>
    private const int HighEnoughForMachine = 12;

    private static readonly string[] s_help =
    [
        "up, down, j, k      choose a provider, or move in a panel",
        "tab                 one panel alone, then the next; Esc shows all again",
        "o                   another order: by state, name, memory, requests, tokens",
        "/                   show only what holds these letters; Esc takes the filter away",
        "s, x                start or stop the chosen provider, after a question",
        "l                   the log of the chosen provider; up goes back, Esc closes it",
        "Ctrl-L, Ctrl-Z      paint anew; pause",
        "q, Ctrl-C           leave",
        "",
        "HEALTH has a sign for each step (process, endpoint, identity, token):",
        "+ is well, x is not, . is waited for, ? is not known.",
        "FIRST is the time to the first token, NEXT the pause between two pieces of a stream,",
        "in milliseconds that 50, 95 and 99 of a hundred stay below.",
    ];

    /// <param name="logs">Of the provider whose log is read; empty otherwise.</param>
    /// <returns>At most <paramref name="height"/> lines, none wider than <paramref name="width"/>, in which nothing steers a terminal.</returns>
    public static IReadOnlyList<ScreenLine> Of(MonitorPicture picture, MonitorState state, IReadOnlyList<string> logs, int width, int height, DateTimeOffset now)
    {
        if (width <= 0 || height <= 0) return [];
        var room = state.HasKeys ? height - 1 : height;
        List<ScreenLine> lines = state.Mode switch
        {
            MonitorMode.Help => Help(),
            MonitorMode.Logs reading => Logs(reading, logs, room),
            _ => Overview(picture, state, width, room, now),
        };
        if (lines.Count > room) lines.RemoveRange(room, lines.Count - room);
        if (state.HasKeys)
        {
            while (lines.Count < room) lines.Add(new ScreenLine());
            lines.Add(Footer(state));
        }

        return [.. lines.Select(line => line.Fit(width))];
    }

    private static List<ScreenLine> Help() => [ScreenLine.Of("keys", Ink.Heading), .. s_help.Select(line => ScreenLine.Of(line))];

    private static List<ScreenLine> Logs(MonitorMode.Logs reading, IReadOnlyList<string> logs, int room)
    {
        var shown = Math.Min(Math.Max(0, room - 1), logs.Count);
        // however far somebody goes back, the page is full
        var end = Math.Clamp(logs.Count - reading.Back, shown, logs.Count);
        var title = new ScreenLine().Add($"log of {reading.Provider}", Ink.Heading).Add(end < logs.Count ? $"  {logs.Count - end} lines back" : logs.Count == 0 ? "  nothing yet" : "  follows what comes");
        return [title, .. Enumerable.Range(end - shown, shown).Select(at => ScreenLine.Of(logs[at]))];
    }

    private static List<ScreenLine> Overview(MonitorPicture picture, MonitorState state, int width, int height, DateTimeOffset now)
    {
        List<ScreenLine> lines = [.. MachinePanel.Lines(picture, state, width, now)];
        if (picture.At is null)
        {
            if (state.Lost is null) lines.Add(ScreenLine.Of("waiting for helix to tell what there is", Ink.Quiet));
            return lines;
        }

        var least = state.Lost is null ? 1 : 2;
        if (height >= HighEnoughForMachine) lines.Add(new ScreenLine());
        else if (lines.Count > least) lines.RemoveRange(least, lines.Count - least);
        var panels = Panels(picture, state, width, height, now);
        var rows = PanelShares.Of(height - lines.Count, [.. panels.Select((panel, at) => new PanelWish(panel.Behind.Count + (at > 0 ? 2 : 1), panel.Count, panel.Least))]);
        for (var at = 0; at < panels.Count; at++)
        {
            if (rows[at] < 0) continue;
            if (at > 0) lines.Add(new ScreenLine());
            lines.Add(panels[at].Heading(rows[at]));
            // what is chosen stays in sight, and there is no more empty room than there must be
            var first = Math.Clamp(panels[at].First(rows[at]), 0, Math.Max(0, panels[at].Count - rows[at]));
            for (var row = first; row < first + rows[at]; row++) lines.Add(panels[at].Row(row));
            lines.AddRange(panels[at].Behind);
        }

        return lines;
    }

    private static List<Panel> Panels(MonitorPicture picture, MonitorState state, int width, int height, DateTimeOffset now)
    {
        var all = state.Panel == MonitorPanel.All;
        var panels = new List<Panel>();
        if (all || state.Panel == MonitorPanel.Providers) panels.Add(Providers(picture, state, width, height, now));
        PerformanceLine[] performance = [.. picture.Performance.Where(row => state.Matches(row.Provider, row.Model))];
        AlertLine[] alerts = [.. picture.Alerts.Where(alert => state.Matches(alert.About, alert.What, alert.Severity, alert.State))];
        AutomationLine[] automations = [.. picture.Automations.Where(row => state.Matches(row.Id, row.Does, row.Result))];
        if (all || state.Panel == MonitorPanel.Alerts)
            panels.Add(new(alerts.Length, 2, rows => AlertPanel.Heading(rows, alerts.Length), at => AlertPanel.Row(alerts[at], width, now), _ => state.Offset));
        if (all || state.Panel == MonitorPanel.Performance)
            panels.Add(new(performance.Length, 2, rows => PerformancePanel.Heading(width, rows, performance.Length), at => PerformancePanel.Row(performance[at], width), _ => state.Offset));
        if (all || state.Panel == MonitorPanel.Automation)
            panels.Add(new(automations.Length, 1, rows => AutomationPanel.Heading(width, rows, automations.Length, now), at => AutomationPanel.Row(automations[at], width, now), _ => state.Offset));
        return panels;
    }

    private static Panel Providers(MonitorPicture picture, MonitorState state, int width, int height, DateTimeOffset now)
    {
        var shown = state.Shown(picture);
        var chosen = state.HasKeys ? state.ChosenOf(shown) : null;
        var at = shown.TakeWhile(provider => provider != chosen).Count();
        return new(
            shown.Count, 7, rows => ProviderPanel.Heading(width, rows, picture.Providers.Count, now), row => ProviderPanel.Row(shown[row], width, shown[row] == chosen, now), rows => chosen is null ? 0 : at - (rows / 2))
        {
            Behind = chosen is not null && height >= HighEnoughForDetails ? ProviderPanel.Details(chosen) : [],
        };
    }

    private static ScreenLine Footer(MonitorState state) => state.Mode switch
    {
        MonitorMode.Asking asking => new ScreenLine().Add(asking.Question, Ink.OnItsWay).Add(" [y/N]"),
        MonitorMode.Filtering => new ScreenLine().Add("show only: ", Ink.OnItsWay).Add(state.Filter).Add("_   Enter keeps it, Esc does not", Ink.Quiet),
        MonitorMode.Help => ScreenLine.Of("any key goes back", Ink.Quiet),
        MonitorMode.Logs => ScreenLine.Of("up and down move, End follows, Esc closes", Ink.Quiet),
        _ when state.Notice.Length > 0 => ScreenLine.Of(state.Notice, Ink.OnItsWay),
        _ => new ScreenLine().Add("? help  q leave  s start  x stop  l log  tab panel  ", Ink.Quiet)
            .Add($"o order: {Name(state.Sort)}  ", Ink.Quiet).Add(state.Filter.Length > 0 ? $"/ only: {state.Filter}" : "/ filter", Ink.Quiet),
    };

    private static string Name(MonitorSort sort) => sort.ToString().ToLowerInvariant();

    /// <param name="Count">Rows that there are.</param>
    /// <param name="Least">Without which it is not worth showing.</param>
    /// <param name="Heading">For so many rows that are shown.</param>
    /// <param name="First">The first row that should be shown, of so many.</param>
    private sealed record Panel(int Count, int Least, Func<int, ScreenLine> Heading, Func<int, ScreenLine> Row, Func<int, int> First)
    {
        /// <summary>Lines that stand behind its rows.</summary>
        public IReadOnlyList<ScreenLine> Behind { get; init; } = [];
    }
}
