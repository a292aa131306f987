using System.Text.Json.Serialization;

namespace Helix.Contracts;

/// <summary>Answer of <c>GET /helix/v1/settings</c>: every setting there is.</summary>
/// <param name="File">The one configuration file.</param>
/// <param name="Problems">Why the file as it stands was not taken; empty where it was.</param>
internal sealed record SettingsReport(string File, IReadOnlyList<string> Problems, IReadOnlyList<SettingDetail> Settings);

/// <param name="Kind">toggle, whole, amount, choice, text, list, numbers or texts.</param>
/// <param name="Allowed">What may be written, in words.</param>
/// <param name="Choices">Of a choice; null for any other kind.</param>
/// <param name="Min">Of a number; null for any other kind.</param>
/// <param name="Unit">Of a number, in the plural; null where it has none.</param>
/// <param name="Default">As it is typed; empty where helix decides by itself.</param>
/// <param name="Source">file or default.</param>
/// <param name="Effect">now, next_start, or not_yet: what it steers is not built.</param>
internal sealed record SettingDetail(
    string Path, string Section, string Key, string Meaning, string Kind, string Allowed, IReadOnlyList<string>? Choices, decimal? Min, decimal? Max, string? Unit, string Default, string Value, string Source, string Effect);

/// <summary>Body of <c>PUT /helix/v1/settings/{path}</c>.</summary>
/// <param name="Value">As it is typed after <c>helix config set</c>.</param>
internal sealed record SetSettingRequest(string Value);

/// <summary>Answer to it, and of <c>DELETE</c> of the same.</summary>
/// <param name="Note">What is to be known of the change; null where it is simply done.</param>
internal sealed record SettingChanged(SettingDetail Setting, string? Note);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SettingsReport))]
[JsonSerializable(typeof(SetSettingRequest))]
[JsonSerializable(typeof(SettingChanged))]
internal sealed partial class SettingJson : JsonSerializerContext;
