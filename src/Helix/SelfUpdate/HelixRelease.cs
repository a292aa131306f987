using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Helix.Core.SelfUpdate;

namespace Helix.SelfUpdate;

/// <summary>A release of helix itself on disk. It was tried before it got its place, and is never changed.</summary>
/// <param name="Version">Also the name of its folder.</param>
/// <param name="From">Where it came from, in words.</param>
/// <param name="Commit">That it was built from; null where that is not known.</param>
/// <param name="Tells">What its program says of its own version.</param>
internal sealed record HelixRelease(string Version, [property: JsonIgnore] string Folder, DateTimeOffset Installed, string From, string? Commit, string Tells)
{
    [JsonIgnore]
    public string Program => Path.Combine(Folder, HelixReleases.ProgramName);
}

/// <summary>A switch to another release, from its beginning to the end of the time in which it is watched.</summary>
/// <param name="Before">The program that ran before.</param>
/// <param name="Commit">Of the new release, where it is known.</param>
/// <param name="IsInUse">It has answered, and <c>current</c> leads to it.</param>
internal sealed record SwitchNote(string Version, string Before, string? Commit, DateTimeOffset At, bool IsInUse = false);

/// <summary>What helix remembers of its own updates.</summary>
/// <param name="Refused">Releases and commits that were tried here, and were no good.</param>
/// <param name="Seen">The oldest first.</param>
internal sealed record SelfUpdateMemory(SwitchNote? Switch, ImmutableArray<string> Refused, ImmutableArray<SeenCommit> Seen)
{
    public static SelfUpdateMemory Empty { get; } = new(null, [], []);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(HelixRelease))]
[JsonSerializable(typeof(SelfUpdateMemory))]
internal sealed partial class SelfUpdateJson : JsonSerializerContext;
