namespace Helix.Core.Screen;

internal enum MonitorSort
{
    /// <summary>What wants somebody first.</summary>
    State,
    Name,
    Memory,
    Requests,
    Tokens,
}

internal enum MonitorPanel
{
    All,
    Providers,
    Performance,
    Alerts,
    Automation,
}

/// <summary>What the keys mean at this moment.</summary>
internal abstract record MonitorMode
{
    private MonitorMode() { }

    internal sealed record Watching : MonitorMode;

    /// <summary>Letters go into the filter.</summary>
    /// <param name="Before">It is so again when somebody thinks better of it.</param>
    internal sealed record Filtering(string Before) : MonitorMode;

    /// <summary>Something is done only after a yes.</summary>
    internal sealed record Asking(string Wish, string Provider, string Question) : MonitorMode;

    internal sealed record Help : MonitorMode;

    /// <param name="Back">Lines from the end that are not shown; 0 follows what comes.</param>
    internal sealed record Logs(string Provider, int Back) : MonitorMode;
}

/// <summary>What somebody who looks at the monitor has chosen.</summary>
internal sealed record MonitorState
{
    public MonitorSort Sort { get; init; }

    /// <summary>Only what holds these letters is shown; empty shows all.</summary>
    public string Filter { get; init; } = "";

    public MonitorPanel Panel { get; init; }

    /// <summary>The provider that the keys work on; null for the first.</summary>
    public string? Chosen { get; init; }

    /// <summary>Rows at the top of a panel that are passed over.</summary>
    public int Offset { get; init; }

    public MonitorMode Mode { get; init; } = new MonitorMode.Watching();

    /// <summary>What came of the last wish; empty for nothing.</summary>
    public string Notice { get; init; } = "";

    /// <summary>Why nothing is heard of the daemon; null while it is heard.</summary>
    public string? Lost { get; init; }

    /// <summary>Somebody sits at it. A frame that is only written down has neither keys nor a choice, and shows all rows.</summary>
    public bool HasKeys { get; init; } = true;

    /// <summary>The providers that are shown, in their order.</summary>
    public IReadOnlyList<ProviderLine> Shown(MonitorPicture picture)
    {
        var shown = picture.Providers.Where(provider => Matches(provider.Id, provider.Name, provider.State, provider.Model, provider.Reason));
        var ordered = Sort switch
        {
            MonitorSort.Name => shown.OrderBy(provider => provider.Id, StringComparer.Ordinal),
            MonitorSort.Memory => shown.OrderByDescending(provider => provider.Memory ?? -1),
            MonitorSort.Requests => shown.OrderByDescending(provider => provider.Requests ?? -1),
            MonitorSort.Tokens => shown.OrderByDescending(provider => provider.TokensPerSecond ?? -1),
            _ => shown.OrderBy(provider => provider.Rank),
        };
        return [.. ordered];
    }

    /// <summary>The one that the keys work on; null where none is shown.</summary>
    public ProviderLine? ChosenOf(IReadOnlyList<ProviderLine> shown) => shown.FirstOrDefault(provider => provider.Id == Chosen) ?? (shown.Count > 0 ? shown[0] : null);

    public bool Matches(params ReadOnlySpan<string> words)
    {
        if (Filter.Length == 0) return true;
        foreach (var word in words)
            if (word.Contains(Filter, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }
}
