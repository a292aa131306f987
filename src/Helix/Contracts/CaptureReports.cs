using System.Text.Json;
using System.Text.Json.Serialization;

namespace Helix.Contracts;

/// <summary>Answer of <c>GET /helix/v1/captures</c>: the newest first.</summary>
/// <param name="On">Whether anything is kept at this moment (<c>gateway.capture</c>).</param>
/// <param name="Missed">Requests since the daemon began that came faster than they could be kept.</param>
internal sealed record CaptureList(bool On, long Missed, IReadOnlyList<CaptureLine> Captures);

/// <summary>One request without its texts.</summary>
/// <param name="Key">Name of the key that it came with; empty for none.</param>
/// <param name="Provider">Empty where it was sent to none.</param>
/// <param name="Hidden">Pieces that were taken out of its texts.</param>
/// <param name="Cut">Its texts are not whole.</param>
/// <param name="Node">The machine that had it last; empty where it was sent to none, null where an earlier helix kept it, which did not note it.</param>
internal sealed record CaptureLine(string Id, DateTimeOffset At, string Key, string Provider, string Model, string Path, string Outcome, int Status, int Hidden, bool Cut, string? Node = null);

/// <summary>Answer of <c>GET /helix/v1/captures/{id}</c>: what was asked and answered, redacted.</summary>
/// <param name="Request">Its id, as the client was told it.</param>
/// <param name="Path">Of OpenAI's dialect, whatever its client speaks.</param>
/// <param name="Dialect">That its client speaks.</param>
/// <param name="Asked">The body in OpenAI's words; null where it was too long, or could not be read.</param>
/// <param name="Answer">Of the first choice; null where it has no text.</param>
/// <param name="Thought">Null where none was told.</param>
/// <param name="Finish">OpenAI's <c>finish_reason</c>; null where it came to no end.</param>
/// <param name="Node">As in a <see cref="CaptureLine"/>.</param>
internal sealed record CaptureReport(
    string Id, DateTimeOffset At, string Request, string Key, string Provider, string Model, string Path, string Dialect, string Outcome, int Status,
    JsonElement? Asked, string? Answer, string? Thought, IReadOnlyList<CapturedCall> Calls, string? Finish, int Hidden, bool Cut, string? Node = null)
{
    public CaptureLine Line() => new(Id, At, Key, Provider, Model, Path, Outcome, Status, Hidden, Cut, Node);
}

/// <summary>A call of a tool in an answer.</summary>
internal sealed record CapturedCall(string Name, string Arguments);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CaptureList))]
[JsonSerializable(typeof(CaptureReport))]
internal sealed partial class CaptureJson : JsonSerializerContext;
