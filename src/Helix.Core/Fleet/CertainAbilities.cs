namespace Helix.Core.Fleet;

/// <summary>Tells what a model can do from what it may be able to.</summary>
internal static class CertainAbilities
{
    /// <summary>Of an engine of which nothing is known, every model may make pictures and sounds, and hardly one does: it is asked for that by its name only.</summary>
    public static ModelAbilities Certain(this ModelAbilities abilities) => abilities.HasFlag(ModelAbilities.Chat) ? abilities & ~ModelAbilities.Special : abilities;
}
