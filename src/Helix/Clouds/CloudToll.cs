using Helix.Access;
using Helix.Core.Clouds;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Gateway;
using Helix.Storage;

namespace Helix.Clouds;

/// <summary>What a try at a cloud may cost, put aside.</summary>
/// <param name="Model">With the cloud's name.</param>
/// <param name="Key">Name of the key that pays; empty for none.</param>
internal sealed record CloudStake(string Model, string Key, long Day, CloudPrice Price, Money Most);

/// <summary>Whether a request may go to a cloud.</summary>
internal abstract record CloudEntry
{
    private CloudEntry() { }

    /// <param name="Ask">What the cloud is sent.</param>
    internal sealed record Paid(CloudStake Stake, CloudAsk Ask) : CloudEntry;

    internal sealed record Refused(GatewayError Error) : CloudEntry;
}

/// <summary>Lets a request to a cloud only where nothing forbids it and what it may cost at most is left of the budgets, and reckons afterwards what it cost.</summary>
internal sealed partial class CloudToll(KeyRing keys, SpendingTable table, Lazy<CloudPrices> prices, Func<HelixConfig> config, TimeProvider time, ILogger<CloudToll> log)
{
    /// <summary>No answer took more: beyond it stands an error of the cloud's.</summary>
    private const long MostTokens = 1_000_000_000;

    public async ValueTask<CloudEntry> EnterAsync(Exchange exchange, Backend backend, CloudTarget cloud)
    {
        var (settings, key, isPrivate) = (config().Cloud, exchange.Key, keys.IsPrivate(exchange.Key));
        foreach (var name in exchange.Names)
            if (CloudRules.Forbidden(cloud, backend.UpstreamModel, name, key, isPrivate, settings) is { } forbidden) return new CloudEntry.Refused(forbidden);
        if (!exchange.Route.IsUsual) return new CloudEntry.Refused(CloudTollWords.Unknown(cloud, exchange.Route));
        if (prices.Value.Of(cloud, backend.UpstreamModel, settings.Prices ?? []) is not { } price) return new CloudEntry.Refused(CloudTollWords.NoPrice(cloud, backend.UpstreamModel));
        var (ask, refused) = CloudAsk.Of(cloud, backend.UpstreamModel, price, exchange.Route, exchange.Body, exchange.Facts, exchange.Own);
        if (ask is null) return new CloudEntry.Refused(refused!);
        if (ask.Question.Unknown is { } parameter) return new CloudEntry.Refused(CloudTollWords.Unknown(cloud, parameter));

        var hasAnswer = exchange.Route != InferenceRoute.Embeddings;
        var (now, most) = (time.GetUtcNow(), ask.Question.MostAt(price, hasAnswer));
        var (daily, perKey) = (Money.Of(settings.DailyBudget), settings.KeyBudget is { } limit ? Money.Of(limit) : default(Money?));
        var day = DayOf(now);
        return await table.SetAsideAsync(day, key, most, daily, perKey) switch
        {
            Stored<SetAside>.Ok({ IsDone: true }) => new CloudEntry.Paid(new($"{cloud.Id}/{backend.UpstreamModel}", key, day, price, most), ask),
            Stored<SetAside>.Ok(var aside) => new CloudEntry.Refused(CloudTollWords.Exhausted(cloud, backend.UpstreamModel, most, ask.IsUnbounded && hasAnswer, aside, daily, perKey, UntilMidnight(now))),
            Stored<SetAside>.Failed failed => new CloudEntry.Refused(CloudTollWords.NotKept(cloud, failed.Reason)),
            _ => throw new InvalidOperationException("a new kind of outcome"),
        };
    }

    /// <param name="isCharged">It was sent, and not refused.</param>
    /// <param name="told">What the cloud told of it; null: nothing, so that it has to count as if it took all that it might.</param>
    /// <returns>What it cost.</returns>
    public Money Settle(CloudStake stake, bool isCharged, TokenUsage? told)
    {
        var cost = !isCharged ? Money.Zero : told is { } usage ? stake.Price.CostOf(Math.Min(usage.Prompt, MostTokens), Math.Min(usage.Answer, MostTokens), usage.Cached, usage.Written, usage.WrittenLong) : stake.Most;
        if (cost > stake.Most) LogDearer(stake.Model, cost, stake.Most);
        if (cost != stake.Most) table.Settle(stake.Day, stake.Key, cost - stake.Most);
        return cost;
    }

    /// <summary>Of UTC, since 1970.</summary>
    public static long DayOf(DateTimeOffset now) => (long)(now - DateTimeOffset.UnixEpoch).TotalDays;

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Model} took {Cost}, where {Most} was the most that it might: see whether its price in cloud.prices is right")]
    private partial void LogDearer(string model, Money cost, Money most);

    /// <summary>Seconds, at least one.</summary>
    private static int UntilMidnight(DateTimeOffset now) => (int)Math.Ceiling(Math.Max(1, (now.UtcDateTime.Date.AddDays(1) - now.UtcDateTime).TotalSeconds));
}

/// <summary>What is said to who may not go to a cloud.</summary>
internal static class CloudTollWords
{
    public static GatewayError NoPrice(CloudTarget cloud, string model) => new(
        402, "no_price", $"helix does not know what {cloud.Id}/{model} costs, so it cannot keep to cloud.daily_budget and does not ask it. Say what a million tokens cost, in dollars: helix config set cloud.prices \"{cloud.Id}/{model}=IN/OUT\"", "model");

    public static GatewayError Unknown(CloudTarget cloud, string parameter) => new(
        400, "cost_unknown", $"What '{parameter}' costs at {cloud.Id} cannot be known before, so it would not keep to cloud.daily_budget. Leave it out.", parameter);

    public static GatewayError Unknown(CloudTarget cloud, InferenceRoute route) => new(
        400, "cost_unknown", $"What {Routing.Words(route.Needs)} costs at {cloud.Id} cannot be known before, so it would not keep to cloud.daily_budget. Name a model that is served here, or ask that cloud without helix.", "model");

    public static GatewayError NotKept(CloudTarget cloud, string reason) => new(
        503, "budget_unknown", $"What was spent on clouds today cannot be read or written, so {cloud.Id} is not asked: {reason}.", RetryAfter: 60);

    /// <param name="isUnbounded">The request does not say how long its answer may be.</param>
    public static GatewayError Exhausted(CloudTarget cloud, string model, Money most, bool isUnbounded, SetAside aside, Money daily, Money? perKey, int untilMidnight)
    {
        var isByAll = most > daily - aside.All;
        var (left, limit, setting) = isByAll ? (daily - aside.All, daily, "cloud.daily_budget") : (perKey!.Value - aside.OfKey, perKey.Value, "cloud.key_budget");
        return new(
            429, "budget_exhausted",
            $"This request may cost up to {most} at {cloud.Id}/{model}, and {(left > Money.Zero ? left : Money.Zero)} of {limit} ({setting}) is left for today. {(isUnbounded ? "Say in max_tokens how long its answer may be, or come" : "Come")} back after midnight UTC, or raise {setting}.",
            RetryAfter: untilMidnight);
    }
}
