namespace Helix.Core.Gateway;

/// <summary>Why a request goes where it goes, for those who ask.</summary>
internal static class RouteWords
{
    /// <returns>Null where the candidate could be taken.</returns>
    public static string? Of(PassedOver why) => why switch
    {
        PassedOver.LacksAbility => "its engine cannot do what the request asks for",
        PassedOver.LacksParameter => "its engine does not know a parameter that the request asks for",
        PassedOver.TooSmall => "the request is longer than its context",
        PassedOver.Tried => "it had this request already",
        PassedOver.Broken => "it failed again and again of late and is left alone for a while",
        _ => null,
    };

    /// <summary>In words.</summary>
    public static string Of(TakenFor why) => why switch
    {
        TakenFor.Only => "nobody else is fit for it at this moment",
        TakenFor.Order => "it comes first, and performance.load_balance is off",
        TakenFor.FewestRequests => "it has the fewest requests, and nothing is known yet of anybody's speed",
        TakenFor.Soonest => "it is likely to be done first",
        TakenFor.Prefix => "it is likely to be done first, since it has kept the beginning of this prompt",
        TakenFor.Spread => "it is likely to be done about as soon as any, and had the fewest requests of late",
        TakenFor.Cost => "it costs less, which counts for more here than to be done first",
        _ => "it was not asked for long, and may be better than is known",
    };

    /// <summary>In one word, for a header.</summary>
    public static string Word(TakenFor why) => why switch
    {
        TakenFor.Only => "only",
        TakenFor.Order => "order",
        TakenFor.FewestRequests => "fewest-requests",
        TakenFor.Soonest => "soonest",
        TakenFor.Prefix => "prefix",
        TakenFor.Spread => "spread",
        TakenFor.Cost => "cost",
        _ => "curiosity",
    };

    /// <summary>In one word.</summary>
    public static string Word(CostBasis basis) => basis switch
    {
        CostBasis.Energy => "energy",
        CostBasis.Price => "price",
        CostBasis.Dearest => "dearest",
        _ => "unknown",
    };
}
