using Helix.Core.Access;

namespace Helix.Access;

/// <summary>What a request's head says of itself: the same for each that has this head and came on this connection.</summary>
/// <param name="Question">But for what has to be asked each time.</param>
/// <param name="Key">As it was sent, known or not; empty for none.</param>
internal readonly record struct HeadFacts(AccessQuestion Question, ReadOnlyMemory<char> Key, bool HasCookie);
