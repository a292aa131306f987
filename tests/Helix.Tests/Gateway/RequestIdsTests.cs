using System.Globalization;
using Helix.Gateway;
using Microsoft.AspNetCore.Http;

namespace Helix.Tests.Gateway;

public sealed class RequestIdsTests
{
    private readonly RequestIds _ids = new();

    [Fact]
    public void Each_request_has_an_id_of_its_own_whose_end_counts_on()
    {
        string[] given = [.. Enumerable.Range(0, 300).Select(_ => _ids.For(new DefaultHttpContext().Request))];

        var start = given[0][..16];
        Assert.Matches("^req_[0-9a-f]{12}$", start);
        for (var at = 0; at < given.Length; at++) Assert.Equal(start + (at + 1).ToString("x6", CultureInfo.InvariantCulture), given[at]);
    }

    [Fact]
    public void A_clients_own_id_is_taken_over_where_it_is_sane()
    {
        Assert.Equal("mine-1", _ids.For(Sent("mine-1")));
        Assert.StartsWith("req_", _ids.For(Sent("not mine")), StringComparison.Ordinal);
    }

    private static HttpRequest Sent(string id)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers[RequestIds.Header] = id;
        return context.Request;
    }
}
