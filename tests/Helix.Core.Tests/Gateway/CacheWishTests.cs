using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class CacheWishTests
{
    [Fact]
    public void A_word_says_what_is_wanted_of_memory()
    {
        Assert.Equal(CacheWish.None, CacheWish.None.With(null));
        Assert.Equal(CacheWish.None with { IsAsked = true }, CacheWish.None.With("on"));
        Assert.Equal(CacheWish.None with { IsAsked = true, AtPace = true }, CacheWish.None.With("pace"));
        Assert.Equal(CacheWish.None with { IsAsked = true, ByMeaning = true }, CacheWish.None.With("semantic"));
        Assert.Equal(CacheWish.None with { MayRead = false, MayStore = false }, CacheWish.None.With("off"));
        Assert.Null(CacheWish.None.With("Semantic"));
    }
}
