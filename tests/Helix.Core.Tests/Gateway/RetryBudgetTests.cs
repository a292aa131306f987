using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class RetryBudgetTests
{
    [Fact]
    public void At_most_a_fifth_of_many_requests_are_sent_again()
    {
        var (budget, granted) = (RetryBudget.Full, 0);
        for (var requests = 1; requests <= 10_000; requests++)
        {
            (var isGranted, budget) = budget.Take(requests, TimeSpan.FromSeconds(1));
            if (isGranted) granted++;
        }

        Assert.InRange(granted, 10_000 * RetryBudget.Share, 10_000 * RetryBudget.Share + RetryBudget.Most + 2);
    }

    [Fact]
    public void Whoever_asks_rarely_may_always_try_again()
    {
        var budget = RetryBudget.Full;
        for (var second = 1; second <= 1000; second++)
        {
            (var isGranted, budget) = budget.Take(second, TimeSpan.FromSeconds(second));
            Assert.True(isGranted);
        }
    }
}
