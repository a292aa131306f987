using Helix.Core.Fleet;
using Helix.Processes;

namespace Helix.Fleet;

/// <summary>What a supervisor keeps running.</summary>
/// <param name="Socket">Where it will answer.</param>
/// <param name="ModelBytes">Size of its model; large ones get more time to load.</param>
internal sealed record InstanceSpec(
    string Name, string Provider, string Model, string Socket, long ModelBytes, ModelAbilities Abilities, LaunchSpec Launch)
{
    /// <summary>It runs with a fetched build of the engine, not with the one that helix comes with.</summary>
    public bool IsOnDevice => Launch.Arguments.Contains(BuiltinRecipe.LibrariesOption);

    /// <summary>Records compare lists by reference; here the words of the command line count.</summary>
    public bool RunsTheSameAs(InstanceSpec other) =>
        Socket == other.Socket && Model == other.Model && Launch.FileName == other.Launch.FileName && Launch.Arguments.SequenceEqual(other.Launch.Arguments);
}
