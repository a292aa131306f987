using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Helix.Core.History;

namespace Helix.Core.Alerts;

/// <summary>Something that somebody should know of, from when it was seen first until it was over.</summary>
/// <param name="Fingerprint">The same for the same matter: of those that are open, one has it.</param>
/// <param name="Rule">Name of the rule that raised it; empty where none knows what it is.</param>
/// <param name="Family">What is the matter, as a stable word: see <see cref="AlertCauses"/>, else the rule's name. Those of a family are told together.</param>
/// <param name="Subject">What in particular: an instance, a model, a path, a channel; null where it is of the whole.</param>
/// <param name="What">What happened, in words.</param>
/// <param name="Since">When it was seen first.</param>
/// <param name="Count">How often it was seen.</param>
internal sealed record Alert(
    long Id, string Fingerprint, string Rule, string Family, AlertType Type, Severity Severity, AlertState State, string? Provider, string? Subject, string What, DateTimeOffset Since, DateTimeOffset LastSeen, long Count)
{
    /// <summary>What helix did about it, in words; null for nothing.</summary>
    public string? Done { get; init; }

    /// <summary>What is left for somebody to do, in words; null for nothing.</summary>
    public string? Left { get; init; }

    /// <summary>It has to last for so long before anybody is told.</summary>
    public TimeSpan For { get; init; }

    /// <summary>It is over when nothing more of it was seen for so long; null: only what ends it does.</summary>
    public TimeSpan? Quiet { get; init; }

    /// <summary>What happened once, and does not go on: it is told, and its end is not.</summary>
    public bool IsNotice { get; init; }

    /// <summary>It came and went so often that it is held until it stays away for a while.</summary>
    public bool IsFlapping { get; init; }

    public DateTimeOffset? FiredAt { get; init; }

    /// <summary>It seems to be over, and is held because it comes and goes.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>What ended it, in words.</summary>
    public string? EndWords { get; init; }

    public DateTimeOffset? ResolvedAt { get; init; }

    public DateTimeOffset? AckedAt { get; init; }

    public string? AckedBy { get; init; }

    public string? AckNote { get; init; }

    /// <summary>When it became worse because nobody acknowledged it.</summary>
    public DateTimeOffset? EscalatedAt { get; init; }

    /// <summary>When somebody was last reminded of it, or told first.</summary>
    public DateTimeOffset? NudgedAt { get; init; }

    public int Nudges { get; init; }

    /// <summary>Channels that were told that it is so.</summary>
    public ImmutableArray<string> ToldTo { get; init; } = [];

    [JsonIgnore]
    public bool IsOpen => State != AlertState.Resolved;

    /// <summary>It says of this channel that it does not work: there it is told to nobody.</summary>
    public bool IsAbout(string channel) => Family == AlertCauses.ChannelDown && Subject == channel;
}
