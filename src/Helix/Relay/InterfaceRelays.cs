namespace Helix.Relay;

/// <summary>The web interfaces that are open.</summary>
internal sealed class InterfaceRelays(RelayTools tools) : IAsyncDisposable
{
    private const int Most = 16;

    private readonly Lock _changing = new();
    private readonly List<InterfaceRelay> _open = [];
    private int _opening;

    /// <returns>Its link; null if too many are open.</returns>
    public async Task<string?> OpenAsync(RelayTarget target, TimeSpan? span)
    {
        lock (_changing)
        {
            _open.RemoveAll(relay => relay.Closed.IsCompleted);
            if (_open.Count + _opening >= Most) return null;
            _opening++;
        }

        InterfaceRelay? opened = null;
        try
        {
            opened = await InterfaceRelay.StartAsync(target, span, tools);
            return opened.Url;
        }
        finally
        {
            lock (_changing)
            {
                _opening--;
                if (opened is not null) _open.Add(opened);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        InterfaceRelay[] open;
        lock (_changing) open = [.. _open];
        foreach (var relay in open) await relay.DisposeAsync();
    }
}
