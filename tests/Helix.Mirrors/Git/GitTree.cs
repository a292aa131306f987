using Helix.Mirrors.Files;

namespace Helix.Mirrors.Git;

/// <summary>One state of a repository.</summary>
/// <param name="Path">Where it lies on the mirror, as <c>/github.com/OWNER/NAME</c>.</param>
/// <param name="Version">Becomes a tag, unless it is a whole commit's name: that cannot be chosen.</param>
internal sealed record GitTree(string Path, string Version, IReadOnlyList<Entry> Files);
