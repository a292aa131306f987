using System.Collections.Immutable;

namespace Helix.Core.Install;

/// <summary>What a source said when it was asked last.</summary>
/// <param name="Version">Null where it has said none yet.</param>
/// <param name="Tag">With which it can be asked whether that is still so.</param>
internal sealed record NewestNote(string? Version, string? Tag, DateTimeOffset Asked)
{
    /// <summary>When this version was learned of first; null where an older helix wrote it down.</summary>
    public DateTimeOffset? FirstSeen { get; init; }
}

/// <summary>What is remembered of the sources of new versions.</summary>
/// <param name="Sources">By address, or by client and package.</param>
/// <param name="Paused">Hosts that asked to be left alone, and until when.</param>
internal sealed record NewestNotes(ImmutableSortedDictionary<string, NewestNote> Sources, ImmutableSortedDictionary<string, DateTimeOffset> Paused)
{
    /// <summary>Each source is asked at most so often.</summary>
    public static readonly TimeSpan Between = TimeSpan.FromHours(1);

    /// <summary>For so long a host that refused is not asked for anything.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromDays(1);

    public static NewestNotes Empty { get; } = new(ImmutableSortedDictionary.Create<string, NewestNote>(StringComparer.Ordinal), ImmutableSortedDictionary.Create<string, DateTimeOffset>(StringComparer.Ordinal));

    /// <summary>It was asked so lately that its answer counts.</summary>
    public bool IsFresh(string source, DateTimeOffset now) => Sources.TryGetValue(source, out var note) && now - note.Asked < Between && note.Asked <= now;

    /// <summary>Until when a host is left alone; null where it may be asked.</summary>
    public DateTimeOffset? PausedUntil(string host, DateTimeOffset now) => Paused.TryGetValue(host, out var until) && now < until && until - now <= Pause ? until : null;

    public NewestNotes With(string source, NewestNote note)
    {
        var before = Sources.GetValueOrDefault(source);
        return this with { Sources = Sources.SetItem(source, note with { FirstSeen = before?.Version == note.Version ? before?.FirstSeen ?? note.Asked : note.Asked }) };
    }

    public NewestNotes WithPause(string host, DateTimeOffset now) => this with { Paused = Paused.SetItem(host, now + Pause) };
}
