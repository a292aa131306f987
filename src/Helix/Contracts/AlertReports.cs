using System.Text.Json.Serialization;
using Helix.Core.Alerts;
using Helix.Core.History;

namespace Helix.Contracts;

/// <summary>Answer of <c>GET /helix/v1/alerts</c>: the newest first.</summary>
/// <param name="Open">How many are open, whatever was asked for.</param>
/// <param name="Unacknowledged">Of these, those that fire and that nobody acknowledged or silenced.</param>
internal sealed record AlertList(IReadOnlyList<AlertReport> Alerts, int Open, int Unacknowledged);

/// <param name="Cause">What is the matter, as a stable word.</param>
/// <param name="What">What happened.</param>
/// <param name="Done">What helix did about it; null for nothing.</param>
/// <param name="Left">What is left to do; null for nothing.</param>
internal sealed record AlertReport(
    long Id, AlertState State, AlertType Type, Severity Severity, string Rule, string Cause, string? Provider, string? Subject, string What, string? Done, string? Left, DateTimeOffset Since, DateTimeOffset LastSeen, long Count)
{
    /// <summary>It happened once, and does not go on.</summary>
    public bool Notice { get; init; }

    /// <summary>It comes and goes, and is held until it stays away.</summary>
    public bool Flapping { get; init; }

    public DateTimeOffset? Resolved { get; init; }

    /// <summary>What ended it.</summary>
    public string? End { get; init; }

    public DateTimeOffset? Acknowledged { get; init; }

    /// <summary>Who acknowledged it.</summary>
    public string? By { get; init; }

    public string? Note { get; init; }

    /// <summary>When it became critical because nobody acknowledged it.</summary>
    public DateTimeOffset? Escalated { get; init; }

    /// <summary>Channels that were told of it.</summary>
    public IReadOnlyList<string> Told { get; init; } = [];

    public string? Link { get; init; }

    /// <summary>What somebody can say about it now: acknowledge, silence, resolve.</summary>
    public IReadOnlyList<string> Actions { get; init; } = [];
}

/// <summary>Body of <c>POST /helix/v1/alerts/ack</c>.</summary>
/// <param name="Ids">Which; null with <paramref name="All"/>.</param>
/// <param name="By">Who says so.</param>
internal sealed record AckRequest(IReadOnlyList<long>? Ids = null, bool All = false, string? By = null, string? Note = null);

/// <summary>Body of <c>POST /helix/v1/alerts/resolve</c>.</summary>
/// <param name="By">Who says so.</param>
internal sealed record ResolveRequest(IReadOnlyList<long> Ids, string? By = null, string? Note = null);

/// <summary>Body of <c>POST /helix/v1/alerts/silences</c>.</summary>
/// <param name="For">So long: <c>2h</c>.</param>
/// <param name="Alert">Of this alert and whatever is the same; null: of what the rest says.</param>
/// <param name="Subject">A <c>*</c> at the end stands for anything.</param>
internal sealed record SilenceRequest(string For, long? Alert = null, AlertType? Type = null, string? Cause = null, string? Provider = null, string? Subject = null, string? By = null, string? Comment = null);

/// <summary>Answer of <c>GET /helix/v1/alerts/silences</c>.</summary>
internal sealed record SilenceList(IReadOnlyList<SilenceReport> Silences);

/// <param name="Words">Which alerts, for a person.</param>
internal sealed record SilenceReport(long Id, AlertType? Type, string? Cause, string? Provider, string? Subject, DateTimeOffset From, DateTimeOffset Until, string By, string? Comment, string Words);

/// <summary>Answer of <c>GET /helix/v1/alerts/messages</c>: the newest first. Also the data of each <c>message</c> event of <c>GET /helix/v1/alerts/watch</c>.</summary>
internal sealed record MessageList(IReadOnlyList<MessageReport> Messages);

/// <param name="Key">The same each time it is tried, and of no other message.</param>
/// <param name="State">waiting, sent or failed.</param>
/// <param name="Tries">In vain.</param>
/// <param name="Done">When it was sent, or given up.</param>
/// <param name="Text">The whole, in lines.</param>
/// <param name="Alerts">Numbers of those that it names.</param>
internal sealed record MessageReport(
    long Id, string Key, string Channel, DateTimeOffset At, string State, int Tries, DateTimeOffset? Done, string? Trouble, Severity Severity, int Firing, int Resolved, string Title, string Text, IReadOnlyList<long> Alerts, bool Test);

/// <summary>Data of each <c>changed</c> event of <c>GET /helix/v1/alerts/watch</c>: the list is another one now.</summary>
internal sealed record AlertsChanged(int Open, int Unacknowledged);

/// <summary>Answer of <c>GET /helix/v1/alerts/channels</c>.</summary>
internal sealed record ChannelList(IReadOnlyList<ChannelReport> Channels);

/// <param name="On">It is set up.</param>
/// <param name="Severity">It is told of this, and of what is worse.</param>
/// <param name="Hourly">Messages within an hour.</param>
/// <param name="Waiting">Messages that are not sent yet.</param>
/// <param name="Trouble">Why it fails; null while it works.</param>
internal sealed record ChannelReport(string Id, bool On, Severity? Severity, int? Hourly, int Waiting, int Failed, DateTimeOffset? LastSent, DateTimeOffset? FailsSince, DateTimeOffset? NextTry, string? Trouble)
{
    /// <summary>Where its messages go, without anything that is secret; null where that is clear from its name, or it is not set up.</summary>
    public string? Where { get; init; }
}

/// <summary>Answer of <c>GET /helix/v1/alerts/rules</c>.</summary>
/// <param name="File">The user's own.</param>
/// <param name="Own">Its text; empty for none.</param>
/// <param name="Shipped">The text of those that come with helix.</param>
/// <param name="Problems">Why the user's file is not taken; empty where it is.</param>
internal sealed record RuleList(IReadOnlyList<RuleReport> Rules, string File, string Own, string Shipped, IReadOnlyList<string> Problems);

/// <param name="Type">Null where its causes know.</param>
/// <param name="Severity">Null: as it was told.</param>
/// <param name="ForSeconds">It has to last for so long.</param>
/// <param name="Looks">What it looks for, in words.</param>
internal sealed record RuleReport(string Name, bool On, AlertType? Type, Severity? Severity, double ForSeconds, string Looks, string? Left);

/// <summary>Body of <c>PUT /helix/v1/alerts/rules</c>.</summary>
/// <param name="Text">In the place of the user's file; empty takes it away.</param>
internal sealed record RulesRequest(string Text);

/// <summary>Answer of <c>POST /helix/v1/alerts/test/{channel}</c>.</summary>
/// <param name="State">waiting, sent or failed.</param>
internal sealed record ChannelTest(string Channel, string State, string Message);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(AlertList))]
[JsonSerializable(typeof(AlertReport))]
[JsonSerializable(typeof(AckRequest))]
[JsonSerializable(typeof(ResolveRequest))]
[JsonSerializable(typeof(SilenceRequest))]
[JsonSerializable(typeof(SilenceList))]
[JsonSerializable(typeof(SilenceReport))]
[JsonSerializable(typeof(MessageList))]
[JsonSerializable(typeof(MessageReport))]
[JsonSerializable(typeof(AlertsChanged))]
[JsonSerializable(typeof(ChannelList))]
[JsonSerializable(typeof(RuleList))]
[JsonSerializable(typeof(RulesRequest))]
[JsonSerializable(typeof(ChannelTest))]
[JsonSerializable(typeof(ChannelSetup))]
internal sealed partial class AlertApiJson : JsonSerializerContext;
