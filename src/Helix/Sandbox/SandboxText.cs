using System.Text.Json;
using System.Text.Json.Serialization;
using Helix.Core.Sandbox;

namespace Helix.Sandbox;

/// <summary>A sandbox as one word of a command line.</summary>
internal static class SandboxText
{
    public const string Outer = "sandbox", Inner = "confine", End = "--";

    public static string Of(SandboxSpec spec) => JsonSerializer.Serialize(spec, SandboxJson.Default.SandboxSpec);

    /// <returns>Null for anything else than a sandbox and a command line.</returns>
    public static (SandboxSpec Spec, string[] Command)? Parse(string[] words)
    {
        try
        {
            return words is [var text, End, _, ..] && JsonSerializer.Deserialize(text, SandboxJson.Default.SandboxSpec) is { } spec ? (spec, words[2..]) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SandboxSpec))]
[JsonSerializable(typeof(ProbeReport))]
internal sealed partial class SandboxJson : JsonSerializerContext;
