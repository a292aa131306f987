namespace Helix.Core.Screen;

/// <summary>What runs, and what it takes and gives.</summary>
internal static class ProviderPanel
{
    private const int NameWidth = 14;
    private const int StateWidth = 11;

    public static ScreenLine Heading(int width, int shown, int all, DateTimeOffset now)
    {
        var columns = Columns(width, now);
        var title = shown < all ? $"PROVIDER {shown}/{all}" : "PROVIDER";
        return ScreenTable.Heading<ProviderLine>([.. columns.Select(column => column.Title == "PROVIDER" ? column with { Title = title } : column)], width);
    }

    public static ScreenLine Row(ProviderLine provider, int width, bool isChosen, DateTimeOffset now) => ScreenTable.Row(Columns(width, now), provider, width, isChosen);

    /// <summary>All of one provider that has no column.</summary>
    public static IReadOnlyList<ScreenLine> Details(ProviderLine provider)
    {
        var what = new ScreenLine().Add(provider.Name.Length > 0 ? provider.Name : provider.Id, Ink.Heading).Add("  ").Add(provider.State, Inked.Of(provider.State)).Add("  ").Add(provider.Reason);
        var more = new ScreenLine();
        Tell("model", provider.Model);
        Tell("release", provider.Release);
        Tell("pid", provider.Pid is { } pid ? FormattableString.Invariant($"{pid:0}") : "");
        Tell("up in 30 days", Figures.Share(provider.Month));
        foreach (var (step, state) in provider.Health) more.Add($"{step} ").Add(state, Inked.Of(state)).Add("  ");
        return more.Parts.Count > 0 ? [what, more] : [what];

        void Tell(string name, string value)
        {
            if (value.Length > 0) more.Add($"{name} ", Ink.Quiet).Add(value).Add("  ");
        }
    }

    private static IReadOnlyList<ScreenColumn<ProviderLine>> Columns(int width, DateTimeOffset now)
    {
        ScreenColumn<ProviderLine>[] all =
        [
            new("PROVIDER", NameWidth, 0, provider => new(provider.Id, Ink.Plain)),
            new("STATE", StateWidth, 1, provider => new(provider.State, Inked.Of(provider.State))),
            new("HEALTH", 6, 9, provider => new(Marks(provider.Health), provider.Health.Any(step => step.State == "bad") ? Ink.Bad : Ink.Plain)),
            Number("UP", 4, 5, provider => Figures.Span(provider is { IsUp: true, Since: { } since } ? now - since : null)),
            Number("MEMORY", 8, 3, provider => Figures.Bytes(provider.Memory)),
            Number("CPU", 5, 10, provider => Figures.Rate(provider.Cpu)),
            Number("RUN", 3, 8, provider => Figures.Count(provider.Running)),
            Number("REQS", 6, 6, provider => Figures.Count(provider.Requests)),
            Number("FAULTS", 6, 11, provider => Figures.Count(provider.Faults)),
            Number("TOK/S", 6, 4, provider => Figures.Rate(provider.TokensPerSecond)),
            Number("30 DAYS", 7, 12, provider => Figures.Share(provider.Month)),
            new("MODEL", 20, 6, provider => new(provider.Model, Ink.Plain)),
            new("RELEASE", 12, 7, provider => new(provider.Release, Ink.Plain)),
        ];
        var hasModel = Kept(new ScreenColumn<ProviderLine>("REASON", 16, 2, provider => new(provider.Reason, Ink.Plain)) { IsRest = true }, out var columns);
        // where there is no room for both, a model says more of those that run, and a reason of all others
        if (!hasModel) Kept(new ScreenColumn<ProviderLine>("MODEL OR REASON", 16, 2, provider => new(provider is { IsUp: true, Model.Length: > 0 } ? provider.Model : provider.Reason, Ink.Plain)) { IsRest = true }, out columns);
        return columns;

        bool Kept(ScreenColumn<ProviderLine> rest, out IReadOnlyList<ScreenColumn<ProviderLine>> fitting)
        {
            fitting = ScreenTable.Fitting<ProviderLine>([.. all, rest], width);
            return fitting.Any(column => column.Title == "MODEL");
        }
    }

    private static ScreenColumn<ProviderLine> Number(string title, int width, int rank, Func<ProviderLine, string> words) =>
        new(title, width, rank, provider => new(words(provider), Ink.Plain)) { IsRight = true };

    /// <summary>A sign for each step of health: + is well, x is not, . is waited for, ? is not known.</summary>
    private static string Marks(IReadOnlyList<(string Step, string State)> health) =>
        string.Concat(health.Select(step => step.State switch { "ok" => "+", "bad" => "x", "waiting" => ".", _ => "?" }));
}
