using Helix.Core.Access;

namespace Helix.Access;

/// <summary>
/// The hash of the key that came last on a connection: most clients send the same one with each request. Lives no longer than its connection, and says nothing of
/// whether it is a key still: that the ring is asked each time.
/// </summary>
internal sealed class LastKey
{
    private ReadOnlyMemory<char> _text;
    private KeyHash _hash;

    /// <param name="key">Not empty. The same piece of the same string as before has the same hash; no letters are compared.</param>
    public KeyHash HashOf(ReadOnlyMemory<char> key)
    {
        if (!key.Equals(_text)) (_text, _hash) = (key, KeyHash.Of(key.Span));
        return _hash;
    }
}
