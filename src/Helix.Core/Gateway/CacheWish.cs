namespace Helix.Core.Gateway;

/// <summary>What a client says about answers from memory.</summary>
/// <param name="MayRead">One may be used.</param>
/// <param name="MayStore">This one may be kept.</param>
/// <param name="MaxAge">That one may have; null for any.</param>
/// <param name="OnlyIfCached">Nothing else is wanted.</param>
/// <param name="IsAsked">Also where the same question may be answered in other words each time.</param>
/// <param name="AtPace">A stream is told as slowly as it was the first time.</param>
/// <param name="ByMeaning">Also one that was given to other words which mean the same.</param>
internal sealed record CacheWish(
    bool MayRead = true, bool MayStore = true, TimeSpan? MaxAge = null, bool OnlyIfCached = false, bool IsAsked = false, bool AtPace = false, bool ByMeaning = false)
{
    public const string Header = "x-helix-cache";

    /// <summary>How near the question was in meaning to which the answer was given.</summary>
    public const string SimilarityHeader = "x-helix-cache-similarity";

    /// <summary>What the header may say.</summary>
    public const string Words = "on, off, pace or semantic";

    public static CacheWish None { get; } = new();

    /// <summary>Of the header <c>x-helix-cache</c>: <c>on</c>, <c>off</c>, <c>pace</c> or <c>semantic</c>; empty for none.</summary>
    /// <returns>Null where it is none of these.</returns>
    public CacheWish? With(string? header) => header switch
    {
        null or "" => this,
        "on" => this with { IsAsked = true },
        "pace" => this with { IsAsked = true, AtPace = true },
        "semantic" => this with { IsAsked = true, ByMeaning = true },
        "off" => this with { MayRead = false, MayStore = false },
        _ => null,
    };
}
