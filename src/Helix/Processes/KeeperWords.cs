using System.Text.Json.Serialization;

namespace Helix.Processes;

/// <summary>
/// One line to the keeper. Words: <c>spawn</c> (spec), <c>signal</c> (process, signal), <c>acknowledge</c> (process), <c>list</c>,
/// <c>watch</c> (answered, then one line an end), <c>daemon</c> (whether it comes to work), <c>renew</c> (file: the daemon's new program), <c>handed_over</c> (the daemon that says so
/// has given everything to its successor), <c>try</c> (file, patience: as renew, but the program before is back unless the new one says in time that it answers),
/// <c>answers</c> (the daemon that says so), <c>keep</c> (what is tried is good), <c>replace</c> (file: the keeper's own new program), <c>listen</c> (address), <c>quit</c>.
/// </summary>
/// <remarks>Keeper and daemon may be of different releases: what is added must be left out where it is not used, and what is not known is passed over.</remarks>
internal sealed record KeeperRequest(
    string Word,
    LaunchSpec? Spec = null,
    ProcessIdentity? Process = null,
    ProcessSignal? Signal = null,
    string? File = null,
    string? Address = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TimeSpan? Patience = null);

/// <summary>One line from the keeper: an answer, in the order of the requests, or to a watcher an end.</summary>
/// <param name="Error">What was wrong, in words; null when the word was carried out.</param>
/// <param name="Process">The one that was started, or the one that has the name already.</param>
/// <param name="Trouble">To <c>daemon</c>: null when it works, or has not failed yet.</param>
/// <param name="Exit">Only to watchers; such a line answers no request.</param>
/// <param name="Undone">To <c>daemon</c>: why the program that was tried last is not the daemon's; null where it is, or none was.</param>
internal sealed record KeeperReply(
    string? Error = null,
    ProcessIdentity? Process = null,
    IReadOnlyList<KnownProcess>? Processes = null,
    string? Address = null,
    DaemonTrouble? Trouble = null,
    ProcessExit? Exit = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Undone = null)
{
    public static KeeperReply Done { get; } = new();
}

/// <summary>A daemon that ends again and again before it comes to work.</summary>
/// <param name="Ends">How often in a row.</param>
/// <param name="Last">How the last of them ended, in words.</param>
internal sealed record DaemonTrouble(int Ends, string Last);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(KeeperRequest))]
[JsonSerializable(typeof(KeeperReply))]
[JsonSerializable(typeof(Journal))]
[JsonSerializable(typeof(KeeperSign))]
internal sealed partial class KeeperJson : JsonSerializerContext;
