namespace Helix.Core.Alerts;

/// <summary>Alerts that nobody wants to hear of for a while. They are listed all the same.</summary>
internal sealed record Silence(long Id, SilenceMatch Match, DateTimeOffset From, DateTimeOffset Until, string By, string? Comment);

/// <summary>Which alerts; what is null fits any, and at least one is not.</summary>
/// <param name="Family">See <see cref="Alert.Family"/>.</param>
/// <param name="Subject">A <c>*</c> at the end stands for anything.</param>
internal sealed record SilenceMatch(AlertType? Type, string? Family, string? Provider, string? Subject)
{
    public bool Fits(Alert alert) =>
        (Type is null || Type == alert.Type)
        && (Family is null || Family == alert.Family)
        && (Provider is null || Provider == alert.Provider)
        && (Subject is null || (Subject.EndsWith('*') ? alert.Subject?.StartsWith(Subject[..^1], StringComparison.Ordinal) == true : Subject == alert.Subject));

    /// <summary>For a person: <c>health alerts of vllm</c>.</summary>
    public string Words =>
        $"{(Type is { } type ? $"{type.Word()} " : "")}alerts{(Family is null ? "" : $" {Family}")}{(Provider is null ? "" : $" of {Provider}")}{(Subject is null ? "" : $" about {Subject}")}";
}
