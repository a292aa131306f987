using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Helix.Cli;

/// <summary><c>helix version --format json</c>.</summary>
/// <param name="Platform">For example <c>linux-x64</c>.</param>
internal sealed record VersionReport(string Version, string Platform, string Runtime)
{
    /// <summary>The release of helix itself that this program is; left out where it lies outside of the home.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Release { get; init; }
}

/// <summary><c>helix config show --format json</c>.</summary>
internal sealed record SettingList(string Path, IReadOnlyList<SettingReport> Settings);

/// <param name="Source"><c>file</c> or <c>default</c>.</param>
/// <param name="Effect"><c>now</c>, <c>next_start</c>, or <c>not_yet</c>: what it steers is not built.</param>
internal sealed record SettingReport(string Key, JsonNode? Value, JsonNode? Default, string Source, string Effect, string Allowed, string Meaning);

/// <summary><c>helix config validate --format json</c>.</summary>
internal sealed record ValidationReport(string Path, bool Valid, IReadOnlyList<ValidationError> Errors);

/// <param name="Key">Empty when the file as a whole is meant.</param>
internal sealed record ValidationError(string Key, int? Line, string What);

/// <summary>The body of a request for a chat answer, as every OpenAI client sends it.</summary>
internal sealed record ChatRequest(string Model, IReadOnlyList<ChatMessage> Messages, bool Stream, ChatStreamOptions StreamOptions);

internal sealed record ChatStreamOptions(bool IncludeUsage);

/// <param name="Role"><c>user</c> or <c>assistant</c>.</param>
internal sealed record ChatMessage(string Role, string Content);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(VersionReport))]
[JsonSerializable(typeof(SettingList))]
[JsonSerializable(typeof(ValidationReport))]
[JsonSerializable(typeof(ChatRequest))]
internal sealed partial class CliJson : JsonSerializerContext;
