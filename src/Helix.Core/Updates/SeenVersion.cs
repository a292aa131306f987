namespace Helix.Core.Updates;

/// <summary>A version that a source named as its newest.</summary>
/// <param name="FirstSeen">When helix learned of it; null where that is not known.</param>
internal sealed record SeenVersion(string Version, DateTimeOffset? FirstSeen);
