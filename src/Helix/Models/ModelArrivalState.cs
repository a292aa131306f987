namespace Helix.Models;

/// <summary>Where the model stands that helix fetches by itself.</summary>
internal abstract record ModelArrivalState
{
    private ModelArrivalState() { }

    /// <summary>None is on its way. <paramref name="Reason"/> says why, in words; empty before the first look.</summary>
    /// <param name="IsNews">A user who has no model should hear of it.</param>
    internal sealed record None(string Reason, bool IsNews = false) : ModelArrivalState;

    internal sealed record Choosing : ModelArrivalState;

    /// <param name="Why">Why this model was chosen.</param>
    /// <param name="BytesPerSecond">Null until that can be said.</param>
    internal sealed record Fetching(string Id, string Why, long DoneBytes, long? TotalBytes, double? BytesPerSecond) : ModelArrivalState;

    internal sealed record Failed(string Reason, string Remedy, DateTimeOffset NextTry) : ModelArrivalState;

    /// <summary>One short sentence for those who wait; null where nothing is on its way.</summary>
    public string? Progress => this switch
    {
        Choosing => "choosing a model for this hardware",
        Fetching { TotalBytes: > 0 and var total } at => $"fetching {at.Id}: {100 * at.DoneBytes / total} % of {Core.Models.ByteCount.Words(total)}",
        Fetching at => $"fetching {at.Id}: {Core.Models.ByteCount.Words(at.DoneBytes)}",
        _ => null,
    };
}
