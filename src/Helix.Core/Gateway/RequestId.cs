using System.Buffers;

namespace Helix.Core.Gateway;

/// <summary>The id under which a request is spoken of.</summary>
internal static class RequestId
{
    private static readonly SearchValues<char> s_sane = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:");

    /// <summary>Whether a client's own id can be taken over: short, and harmless in a header and a log.</summary>
    public static bool IsSane(string? id) => id is { Length: > 0 and <= 128 } && !id.AsSpan().ContainsAnyExcept(s_sane);
}
