using System.Text.Json.Serialization;

namespace Helix.Cli;

/// <summary><c>helix connect --list --format json</c>.</summary>
internal sealed record ToolList(IReadOnlyList<ToolReport> Tools);

/// <param name="Found">It, or what it leaves behind, is on this machine.</param>
/// <param name="Connected"><c>yes</c>, <c>no</c>, or <c>changed</c>: it was set up, and its file no longer names the gateway, or not where that is now.</param>
/// <param name="File">Its settings; null where it has no file for this.</param>
/// <param name="Dialect"><c>chat</c>, <c>responses</c> or <c>messages</c>.</param>
internal sealed record ToolReport(string Id, string Name, bool Found, string Connected, string? File, string Dialect, string? Address, string? Model, DateTimeOffset? Since);

/// <summary><c>helix connect TOOL --format json</c>, with <c>--undo</c> too.</summary>
/// <param name="Changed">Something was written; else it is only what would be.</param>
/// <param name="Diff">Without secrets.</param>
/// <param name="Variables">To be put into the tool's environment; the key is whole once it is made.</param>
/// <param name="Check">Null where nothing was tried.</param>
internal sealed record ConnectReport(
    string Tool, string? File, bool Changed, string Diff, string Address, string Model, string Key, IReadOnlyList<VariableReport> Variables, CheckReport? Check, IReadOnlyList<string> Notes);

internal sealed record VariableReport(string Name, string Value);

/// <param name="Provider">Who answered.</param>
/// <param name="Problem">Why there was no answer; null where there was one.</param>
internal sealed record CheckReport(bool Passed, string? Provider, string? Model, bool SelfTest, string? Problem);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ToolList))]
[JsonSerializable(typeof(ConnectReport))]
internal sealed partial class ConnectJson : JsonSerializerContext;
