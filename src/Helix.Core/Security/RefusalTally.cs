using System.Collections.Immutable;
using Helix.Core.History;

namespace Helix.Core.Security;

/// <summary>
/// Counts refusals by their kind and where they come from. What comes often within a short time is told once, and again only after an hour.
/// However many there are, and from however many places, it stays small.
/// </summary>
internal sealed record RefusalTally
{
    /// <summary>Places that are known at once; the one that was silent longest makes room.</summary>
    public const int MostSources = 256;

    /// <summary>Where it does not come from one place: of all together.</summary>
    public const string Everywhere = "everywhere";

    private const int Together = 10;

    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_told = TimeSpan.FromHours(1);

    public static RefusalTally Empty { get; } = new();

    private ImmutableDictionary<(string Source, RefusalKind Kind), Count> Counts { get; init; } = ImmutableDictionary<(string, RefusalKind), Count>.Empty;

    public int Sources => Counts.Count;

    /// <summary>So many within ten minutes are told of.</summary>
    public static int Limit(RefusalKind kind) => kind switch
    {
        RefusalKind.OddPath => 3,
        RefusalKind.ForeignPage => 5,
        _ => 10,
    };

    /// <returns>The next state, and what is to be told now; null for nothing.</returns>
    public (RefusalTally Next, SecurityFinding? Told) Take(Refusal refusal)
    {
        var (alone, told) = Note(refusal, refusal.Source, Limit(refusal.Kind), mayTell: true);
        // who was told of one place knows where the many come from
        var isKnown = alone.Counts.Any(each => each.Key.Kind == refusal.Kind && each.Key.Source != Everywhere && each.Value.IsTold(refusal.At));
        var (all, together) = alone.Note(refusal, Everywhere, Limit(refusal.Kind) * Together, mayTell: !isKnown);
        return (all, told ?? together);
    }

    /// <summary>What was told within the last hour.</summary>
    public ImmutableArray<SecurityFinding> Open(DateTimeOffset now) =>
        [.. Counts.Where(each => each.Value.IsTold(now)).OrderBy(each => each.Key.Kind).ThenBy(each => each.Key.Source, StringComparer.Ordinal).Select(each => Finding(each.Key.Source, each.Key.Kind, each.Value.Since))];

    private (RefusalTally Next, SecurityFinding? Told) Note(Refusal refusal, string source, int limit, bool mayTell)
    {
        var key = (source, refusal.Kind);
        var count = (Counts.GetValueOrDefault(key) ?? Count.None).With(refusal.At, limit);
        var isNews = mayTell && !count.IsTold(refusal.At) && count.Last.Length == limit && refusal.At - count.Last[0] <= s_window;
        if (isNews) count = count with { Told = refusal.At, Since = limit };
        var room = Counts.ContainsKey(key) || Counts.Count < MostSources ? Counts : Counts.Remove(Counts.Where(each => each.Key.Source != Everywhere).MinBy(each => each.Value.Last[^1]).Key);
        return (this with { Counts = room.SetItem(key, count) }, isNews ? Finding(source, refusal.Kind, limit) : null);
    }

    private static SecurityFinding Finding(string source, RefusalKind kind, long count)
    {
        var from = source == Everywhere ? "from many places" : $"from {source}";
        return kind switch
        {
            RefusalKind.WrongKey => new(
                FindingNames.WrongKeys, Severity.Error, source, $"{count} requests {from} came with keys that are none of this gateway's, or may not do what they asked for",
                "somebody may be trying out keys, or a client has one that was revoked", "See who it is; a key that may be known to others is revoked with helix keys revoke NAME"),
            RefusalKind.ForeignPage => new(
                FindingNames.ForeignPages, Severity.Warning, source, $"{count} requests {from} came from web pages of other sites, or for host names that are not this gateway's, and were refused",
                "a page in somebody's browser may be trying to use this gateway", "Where it is your own page or name: helix config set gateway.allowed_hosts [NAME]; else close that page"),
            RefusalKind.OddPath => new(
                FindingNames.OddPaths, Severity.Warning, source, $"{count} requests {from} had paths written so as to get around a check, and were refused",
                "no client writes such paths: somebody is looking for a hole", "See who it is, and keep it from this address"),
            _ => new(
                FindingNames.LargeBodies, Severity.Warning, source, $"{count} requests {from} were larger than is allowed, and were refused",
                "somebody may be trying to fill the memory, or a client sends more than was thought of", "Where that is wanted, raise gateway.max_body_megabytes"),
        };
    }

    /// <param name="Last">The latest moments, as many as count.</param>
    /// <param name="Told">When it was told last; null for never.</param>
    /// <param name="Since">How many since the first of those that were told.</param>
    private sealed record Count(ImmutableArray<DateTimeOffset> Last, DateTimeOffset? Told, long Since)
    {
        public static Count None { get; } = new([], null, 0);

        public bool IsTold(DateTimeOffset now) => Told is { } told && now - told < s_told;

        public Count With(DateTimeOffset at, int limit) => this with { Last = [.. Last.Length < limit ? Last : Last[1..], at], Since = Since + 1 };
    }
}
