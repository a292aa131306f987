using System.Collections.Immutable;

namespace Helix.Core.Alerts;

/// <summary>What makes two happenings of a family the same matter.</summary>
internal enum CauseKey
{
    Subject,
    Provider,

    /// <summary>There is only one.</summary>
    Whole,
}

/// <summary>What can be the matter: several causes may tell of it, the later ones of what became of it.</summary>
/// <param name="Name">A stable word.</param>
internal sealed record AlertFamily(string Name, AlertType Type, CauseKey Key)
{
    /// <summary>Names of happenings after which it is over: see <see cref="Occurrence.Name"/>.</summary>
    public ImmutableArray<string> EndedBy { get; init; } = [];

    /// <summary>It is over when nothing more of it was seen for so long; null: only what ends it does.</summary>
    public TimeSpan? Quiet { get; init; }

    /// <summary>What ends it does so only where it is of another subject: the next backup, not the one whose copy failed.</summary>
    public bool EndsWithAnother { get; init; }

    public string FingerprintOf(string? provider, string? subject) => Key switch
    {
        CauseKey.Subject => $"{Name} {subject}",
        CauseKey.Provider => $"{Name} {provider}",
        _ => Name,
    };
}
