namespace Helix.Core.Screen;

/// <summary>How fast streams begin and go on.</summary>
internal static class PerformancePanel
{
    public static ScreenLine Heading(int width, int shown, int all) =>
        ScreenTable.Heading(Columns(width, all == 0 ? "PERFORMANCE  no stream in the last 5 minutes" : shown < all ? $"PERFORMANCE, 5 min  {shown} of {all}" : "PERFORMANCE, 5 min", isEmpty: all == 0), width);

    public static ScreenLine Row(PerformanceLine row, int width) => ScreenTable.Row(Columns(width, "", isEmpty: false), row, width);

    private static IReadOnlyList<ScreenColumn<PerformanceLine>> Columns(int width, string title, bool isEmpty)
    {
        var name = new ScreenColumn<PerformanceLine>(title, 24, 0, row => new($"{row.Provider}  {row.Model}", Ink.Plain)) { IsRest = true };
        return isEmpty ? [name] : ScreenTable.Fitting<PerformanceLine>(
            [
                name,
                Number("FIRST 50%", 9, 1, row => row.First?.Half), Number("95%", 6, 2, row => row.First?.Most), Number("99% ms", 6, 4, row => row.First?.Slowest),
                Number("NEXT 50%", 8, 3, row => row.Next?.Half), Number("95%", 6, 5, row => row.Next?.Most), Number("99% ms", 6, 6, row => row.Next?.Slowest),
            ],
            width);
    }

    private static ScreenColumn<PerformanceLine> Number(string title, int width, int rank, Func<PerformanceLine, double?> value) =>
        new(title, width, rank, row => new(Figures.Milliseconds(value(row)), Ink.Plain)) { IsRight = true };
}

/// <summary>What somebody should know of.</summary>
internal static class AlertPanel
{
    /// <summary>In narrower lines what happened needs the room, and the ink says what somebody knows already.</summary>
    private const int WideEnough = 110;

    private const int StateRank = 4;

    public static ScreenLine Heading(int shown, int all) => new ScreenLine().Add("  ").Add(all == 0 ? "ALERTS  none" : shown < all ? $"ALERTS  {shown} of {all}" : $"ALERTS  {all}", Ink.Heading);

    public static ScreenLine Row(AlertLine alert, int width, DateTimeOffset now)
    {
        // what somebody knows already is quiet, however bad it is
        var ink = Inked.Of(alert.State) == Ink.Quiet ? Ink.Quiet : Inked.Of(alert.Severity);
        ScreenColumn<AlertLine>[] columns =
        [
            new("", 8, 0, each => new(each.Severity, ink)),
            new("", 4, 2, each => new(Figures.Span(now - each.Since), Ink.Plain)) { IsRight = true },
            new("", 12, StateRank, each => new(each.State, Inked.Of(each.State))),
            new("", 18, 3, each => new(each.About, Ink.Plain)),
            new("", 20, 1, each => new(each.Left.Length > 0 ? $"{each.What} ({each.Left})" : each.What, Ink.Plain)) { IsRest = true },
        ];
        return ScreenTable.Row(ScreenTable.Fitting<AlertLine>([.. columns.Where(column => width >= WideEnough || column.Rank != StateRank)], width), alert, width);
    }
}

/// <summary>What helix does by itself.</summary>
internal static class AutomationPanel
{
    public static ScreenLine Heading(int width, int shown, int all, DateTimeOffset now) =>
        ScreenTable.Heading(Columns(width, shown < all ? $"AUTOMATION {shown}/{all}" : "AUTOMATION", now), width);

    public static ScreenLine Row(AutomationLine row, int width, DateTimeOffset now) => ScreenTable.Row(Columns(width, "", now), row, width);

    private static IReadOnlyList<ScreenColumn<AutomationLine>> Columns(int width, string title, DateTimeOffset now) => ScreenTable.Fitting<AutomationLine>(
        [
            new(title, 14, 0, row => new(row.Id, Ink.Plain)),
            new("", 3, 1, row => new(row.On ? "on" : "off", Inked.Of(row.On ? "on" : "off"))),
            new("LAST", 8, 3, row => new(row.Last is { } last ? $"{Figures.Span(now - last)} ago" : "", Ink.Plain)) { IsRight = true },
            new("NEXT", 6, 4, row => new(row.Next is { } next ? $"in {Figures.Span(next - now)}" : "", Ink.Plain)) { IsRight = true },
            new("RESULT", 20, 2, row => new(row.Result.Length > 0 ? row.Result : row.Does, Ink.Plain)) { IsRest = true },
        ],
        width);
}
