using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>A request that helix makes by itself.</summary>
/// <param name="Key">For whom it is accounted; no key has such a name, and what comes with none of the known ones never goes to a cloud.</param>
/// <param name="Body">In OpenAI's words.</param>
internal sealed record OwnRequest(string Key, InferenceRoute Route, ReadOnlyMemory<byte> Body, BodyFacts Facts, string Model, RequestPriority Priority)
{
    /// <summary>Of what somebody has answered, and another model is asked for a comparison.</summary>
    public const string ShadowKey = "(shadow)";

    /// <summary>Of texts whose meaning is compared.</summary>
    public const string CacheKey = "(cache)";

    public bool IsCompared => Key == ShadowKey;

    /// <summary>Whether nobody but helix asks under that name.</summary>
    public static bool IsKey(string key) => key is ShadowKey or CacheKey;
}

/// <summary>What came of it.</summary>
/// <param name="Provider">That has answered it; null where none did to the end.</param>
/// <param name="Said">Null where it is not to be compared, or cannot be.</param>
internal sealed record OwnAnswer(string? Provider, SaidAnswer? Said);
