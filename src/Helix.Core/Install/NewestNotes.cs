using System.Collections.Immutable;
using Helix.Core.Updates;

namespace Helix.Core.Install;

/// <summary>What a source said when it answered last.</summary>
/// <param name="Version">Null where it has said none yet.</param>
/// <param name="Tag">With which it can be asked whether that is still so.</param>
internal sealed record NewestNote(string? Version, string? Tag, DateTimeOffset Asked)
{
    /// <summary>When this version was learned of first; null where an older helix wrote it down.</summary>
    public DateTimeOffset? FirstSeen { get; init; }

    /// <summary>What it said before, the latest first; null for nothing.</summary>
    public IReadOnlyList<SeenVersion>? Earlier { get; init; }
}

/// <summary>That a source was asked, whether or not it answered.</summary>
/// <param name="Problem">Why it did not; null where it did.</param>
internal sealed record NewestTry(DateTimeOffset At, string? Problem);

/// <summary>What is remembered of the sources of new versions.</summary>
/// <param name="Sources">By address, or by client and package.</param>
/// <param name="Paused">Hosts that asked to be left alone, and until when.</param>
internal sealed record NewestNotes(ImmutableSortedDictionary<string, NewestNote> Sources, ImmutableSortedDictionary<string, DateTimeOffset> Paused)
{
    /// <summary>Each host is asked at most so often.</summary>
    public static readonly TimeSpan Between = TimeSpan.FromHours(1);

    /// <summary>For so long a host that refused is not asked for anything.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromDays(1);

    /// <summary>Of versions that were seen closer to each other than this, not each is remembered.</summary>
    private static readonly TimeSpan s_apart = TimeSpan.FromDays(1);

    /// <summary>As many as ripen in a month of quarantine, where there is a new one each day.</summary>
    private const int MostEarlier = 31;

    // an older helix wrote none
    private static readonly ImmutableSortedDictionary<string, NewestTry> s_noTries = ImmutableSortedDictionary.Create<string, NewestTry>(StringComparer.Ordinal);
    private static readonly ImmutableSortedDictionary<string, DateTimeOffset> s_noHosts = ImmutableSortedDictionary.Create<string, DateTimeOffset>(StringComparer.Ordinal);

    public static NewestNotes Empty { get; } = new(ImmutableSortedDictionary.Create<string, NewestNote>(StringComparer.Ordinal), ImmutableSortedDictionary.Create<string, DateTimeOffset>(StringComparer.Ordinal));

    /// <summary>When each source was asked last.</summary>
    public ImmutableSortedDictionary<string, NewestTry> Tries { get => field ?? s_noTries; init; }

    /// <summary>When each host was asked last, for whatever source.</summary>
    public ImmutableSortedDictionary<string, DateTimeOffset> Hosts { get => field ?? s_noHosts; init; }

    /// <summary>Whom to ask now: of each host that was not asked within the hour, the source that waited longest; of those that never were, the first.</summary>
    public ImmutableHashSet<string> Turn(IEnumerable<(string Source, string Host)> wanted, DateTimeOffset now) =>
    [
        .. wanted.Where(each => MayAsk(each.Host, now) && PausedUntil(each.Host, now) is null).GroupBy(each => each.Host)
            .Select(host => host.MinBy(each => Tries.GetValueOrDefault(each.Source)?.At ?? DateTimeOffset.MinValue).Source),
    ];

    /// <summary>It was not asked within the hour, for whatever source. What was noted by a clock that ran ahead does not count.</summary>
    public bool MayAsk(string host, DateTimeOffset now) => !Hosts.TryGetValue(host, out var asked) || asked > now || now - asked >= Between;

    /// <summary>The last try counts still: what came of it is told, and not tried again.</summary>
    public NewestTry? Fresh(string source, DateTimeOffset now) => Tries.TryGetValue(source, out var tried) && tried.At <= now && now - tried.At < Between ? tried : null;

    /// <summary>Until when a host is left alone; null where it may be asked.</summary>
    public DateTimeOffset? PausedUntil(string host, DateTimeOffset now) => Paused.TryGetValue(host, out var until) && now < until && until - now <= Pause ? until : null;

    public NewestNotes With(string source, NewestNote note)
    {
        var before = Sources.GetValueOrDefault(source);
        if (before?.Version is not { } was || note.Version is not { } version) return Set(note with { FirstSeen = note.FirstSeen ?? note.Asked });
        if (version == was) return Set(note with { FirstSeen = before.FirstSeen ?? note.Asked, Earlier = before.Earlier });
        var earlier = (before.Earlier ?? []).ToImmutableArray();
        // where a source goes back, what it named since was withdrawn
        if (earlier.FirstOrDefault(each => each.Version == version) is { } known)
            return Set(note with { FirstSeen = known.FirstSeen, Earlier = [.. earlier.SkipWhile(each => each != known).Skip(1)] });
        var seen = new SeenVersion(was, before.FirstSeen ?? before.Asked);
        if (earlier.IsEmpty || seen.FirstSeen - earlier[0].FirstSeen >= s_apart) earlier = [seen, .. earlier.Take(MostEarlier - 1)];
        return Set(note with { FirstSeen = note.Asked, Earlier = [.. earlier.Where(each => UpdateAdvice.IsNewer(version, each.Version))] });

        NewestNotes Set(NewestNote next) => this with { Sources = Sources.SetItem(source, next) };
    }

    public NewestNotes WithTry(string source, string host, NewestTry tried) => this with { Tries = Tries.SetItem(source, tried), Hosts = Hosts.SetItem(host, tried.At) };

    public NewestNotes WithPause(string host, DateTimeOffset now) => this with { Paused = Paused.SetItem(host, now + Pause) };
}
