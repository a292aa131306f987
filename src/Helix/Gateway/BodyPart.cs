namespace Helix.Gateway;

internal enum BodyProgress
{
    More,
    Complete,

    /// <summary>The connection broke, or what came was not as announced.</summary>
    Died,
}

/// <summary>A piece of an engine's answer, and whether more follows.</summary>
internal readonly record struct BodyPart(ReadOnlyMemory<byte> Data, BodyProgress Progress);
