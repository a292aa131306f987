using System.Collections.Immutable;

namespace Helix.Core.SelfUpdate;

/// <summary>What git says of the folder that helix was built in, and of the repository that it came from.</summary>
/// <param name="Branch">Null where none is checked out.</param>
/// <param name="Remote">Address from which that branch is fetched; null for none.</param>
/// <param name="Head">The commit that is checked out.</param>
/// <param name="Changes">How many files are not as they were committed.</param>
internal sealed record CloneFacts(string? Branch, string? Remote, string Head, int Changes);

/// <summary>What lies in the repository that the clone came from.</summary>
/// <param name="Newest">The newest commit of the clone's branch.</param>
/// <param name="Follows">The clone's commit, and that of the release in use, are among its ancestors.</param>
/// <param name="Ahead">What comes after both of these on the way to the newest, and the newest; none where it does not follow.</param>
internal sealed record RemoteFacts(string Newest, bool Follows, ImmutableHashSet<string> Ahead);

/// <param name="FirstSeen">When this helix learned of it.</param>
internal sealed record SeenCommit(string Commit, DateTimeOffset FirstSeen);
