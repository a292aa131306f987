using Helix.Core.Updates;

namespace Helix.Core.Tests.Updates;

public class ErrorCountTests
{
    [Theory]
    // nobody asked, or nothing went wrong
    [InlineData(0, 0, 0, 0, true, false)]
    [InlineData(100, 0, 50, 0, true, false)]
    // one fault is chance
    [InlineData(100, 0, 1, 1, true, false)]
    [InlineData(100, 0, 3, 2, true, true)]
    // early, more of them are needed
    [InlineData(100, 0, 4, 4, false, false)]
    [InlineData(100, 0, 5, 5, false, true)]
    [InlineData(100, 0, 200, 5, false, false)]
    [InlineData(100, 0, 200, 40, false, true)]
    // the one before failed as often
    [InlineData(100, 30, 100, 40, true, false)]
    [InlineData(100, 10, 100, 40, true, true)]
    public void A_release_that_fails_more_often_than_the_one_before_is_no_good(long requests, long faults, long requestsNow, long faultsNow, bool isOver, bool isBad) =>
        Assert.Equal(isBad, ErrorCount.Fault(new(requests, faults), new(requestsNow, faultsNow), isOver) is not null);

    [Fact]
    public void What_is_wrong_is_told_in_numbers() =>
        Assert.Equal("since the switch it had 8 requests, of which 6 failed; the release before had 1 request, of which 0 failed", ErrorCount.Fault(new(1, 0), new(8, 6), isOver: false));
}
