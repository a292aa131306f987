namespace Helix.Core.Live;

/// <summary>One event of the live stream, as it came.</summary>
/// <param name="Kind"><c>snapshot</c>, <c>change</c>, or one that a newer helix sends.</param>
/// <param name="Id">Named by whoever comes back; null where it has none.</param>
/// <param name="Data">JSON.</param>
internal sealed record LiveTold(string Kind, string? Id, string Data);

/// <summary>Puts the events of a stream together from its lines.</summary>
internal sealed class LiveTelling
{
    private const string EventField = "event: ";
    private const string IdField = "id: ";
    private const string DataField = "data: ";

    private string? _kind;
    private string? _id;
    private string? _data;

    /// <returns>The event that this line ends; null where it ends none.</returns>
    public LiveTold? Take(string line)
    {
        if (line.StartsWith(EventField, StringComparison.Ordinal)) _kind = line[EventField.Length..];
        else if (line.StartsWith(IdField, StringComparison.Ordinal)) _id = line[IdField.Length..];
        else if (line.StartsWith(DataField, StringComparison.Ordinal)) _data = line[DataField.Length..];
        if (line.Length > 0) return null;
        var told = _kind is { } kind && _data is { } data ? new LiveTold(kind, _id, data) : null;
        (_kind, _id, _data) = (null, null, null);
        return told;
    }
}
