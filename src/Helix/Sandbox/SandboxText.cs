using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Helix.Core.Sandbox;

namespace Helix.Sandbox;

/// <summary>A sandbox as one word of a command line.</summary>
internal static class SandboxText
{
    public const string Outer = "sandbox", Inner = "confine", End = "--";

    /// <summary>The whole command line that runs another one in its sandbox.</summary>
    /// <param name="command">Begins with the program.</param>
    public static (string Program, ImmutableArray<string> Arguments) Line(SandboxSpec spec, IEnumerable<string> command) => spec.Tier == SandboxTier.Seatbelt
        ? (spec.Tool!, ["-p", SeatbeltProfile.Of(spec), .. command])
        : (spec.Helix, [Outer, Of(spec), End, .. command]);

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
