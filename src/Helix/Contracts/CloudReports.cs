using System.Text.Json.Serialization;

namespace Helix.Contracts;

/// <summary>Answer of <c>GET /helix/v1/clouds</c>.</summary>
/// <param name="SpentUsd">Today, in UTC; what is put aside for requests that are being answered counts.</param>
internal sealed record CloudList(IReadOnlyList<CloudReport> Clouds, decimal SpentUsd, decimal DailyBudgetUsd);

/// <param name="State">ready, offline, no_key where its key cannot be read on this machine, key_refused where the cloud did not accept it when it was asked last, or name_taken where a provider has its name now.</param>
/// <param name="Speaks">In whose words it is asked: openai or anthropic.</param>
internal sealed record CloudReport(string Id, string Name, string Url, string State, IReadOnlyList<string> Models, DateTimeOffset Added, string Speaks = "openai");

/// <summary>Body of <c>POST /helix/v1/clouds</c>.</summary>
/// <param name="Cloud">openai, anthropic, gemini or an https address.</param>
/// <param name="Models">The only ones that are used; null for all that it lists.</param>
/// <param name="Speaks">In whose words it is asked: openai or anthropic; null for those that it had, or that are usual at its address.</param>
internal sealed record AddCloudRequest(string Cloud, string Key, string? Name = null, IReadOnlyList<string>? Models = null, string? Speaks = null)
{
    /// <summary>Without the key.</summary>
    public override string ToString() => $"{nameof(AddCloudRequest)} {Cloud}";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CloudList))]
[JsonSerializable(typeof(AddCloudRequest))]
internal sealed partial class CloudJson : JsonSerializerContext;
