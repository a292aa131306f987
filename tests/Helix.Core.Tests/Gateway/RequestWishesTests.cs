using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class RequestWishesTests
{
    [Theory]
    [InlineData(null, null, null, "Normal", null)]
    [InlineData("", "", "", "Normal", null)]
    [InlineData("low", "2.5", null, "Low", 2.5)]
    [InlineData("high", null, "600", "High", 600.0)]
    [InlineData("normal", "5", "600", "Normal", 5.0)]
    [InlineData(null, null, "soon", "Normal", null)]
    [InlineData(null, null, "-1", "Normal", null)]
    public void Headers_say_how_urgent_it_is_and_how_long_its_client_waits(string? priority, string? timeout, string? client, string wanted, double? seconds)
    {
        var (wishes, bad) = RequestWishes.Read(priority, timeout, client, null);

        Assert.Null(bad);
        Assert.Equal((wanted, seconds), (wishes.Priority.ToString(), wishes.Patience?.TotalSeconds));
    }

    [Fact]
    public void Only_what_is_said_to_helix_itself_is_a_limit_for_those_who_work_on_it()
    {
        Assert.Equal(5, RequestWishes.Read(null, "5", "600", null).Wishes.Deadline?.TotalSeconds);
        Assert.Null(RequestWishes.Read(null, null, "600", null).Wishes.Deadline);
    }

    [Theory]
    [InlineData("urgent", null, null, RequestWishes.PriorityHeader)]
    [InlineData(null, "soon", null, RequestWishes.TimeoutHeader)]
    [InlineData(null, "0", null, RequestWishes.TimeoutHeader)]
    [InlineData(null, "-3", null, RequestWishes.TimeoutHeader)]
    [InlineData(null, "1e99", null, RequestWishes.TimeoutHeader)]
    [InlineData(null, "NaN", null, RequestWishes.TimeoutHeader)]
    [InlineData(null, null, "always", RequestWishes.ContinueHeader)]
    public void What_is_not_understood_is_refused_with_its_name(string? priority, string? timeout, string? continues, string header)
    {
        var (_, bad) = RequestWishes.Read(priority, timeout, null, continues);

        Assert.Equal((400, "invalid_header"), (bad!.Status, bad.Code));
        Assert.Contains(header, bad.Message, StringComparison.Ordinal);
    }
}
