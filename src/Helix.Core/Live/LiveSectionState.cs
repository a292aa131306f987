namespace Helix.Core.Live;

/// <summary>One part of what dashboards are shown, as they were told of it last.</summary>
internal sealed class LiveSectionState(string name)
{
    private readonly SortedDictionary<string, byte[]> _rows = new(StringComparer.Ordinal);

    public string Name => name;

    public IReadOnlyDictionary<string, byte[]> Rows => _rows;

    /// <summary>Takes what it is now.</summary>
    /// <returns>What differs; null for a value that is gone.</returns>
    public IReadOnlyList<(string Key, byte[]? Json)> Take(LiveReading reading)
    {
        var changes = new List<(string Key, byte[]? Json)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, json) in reading.Rows)
        {
            if (!seen.Add(key) || (_rows.TryGetValue(key, out var known) && known.AsSpan().SequenceEqual(json))) continue;
            _rows[key] = json;
            changes.Add((key, json));
        }

        foreach (var gone in _rows.Keys.Where(key => !seen.Contains(key)).ToArray())
        {
            _rows.Remove(gone);
            changes.Add((gone, null));
        }

        return changes;
    }
}
