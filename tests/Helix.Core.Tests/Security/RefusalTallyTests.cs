using CsCheck;
using Helix.Core.History;
using Helix.Core.Security;

namespace Helix.Core.Tests.Security;

public class RefusalTallyTests
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 29, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Ten_wrong_keys_are_told_once_and_a_thousand_more_not_at_all()
    {
        var told = new List<SecurityFinding>();
        var tally = Feed(RefusalTally.Empty, told, Enumerable.Range(0, 1000).Select(at => new Refusal(s_start.AddMilliseconds(at), "10.0.0.1", RefusalKind.WrongKey)));

        var finding = Assert.Single(told);
        Assert.Equal((FindingNames.WrongKeys, Severity.Error, "10.0.0.1"), (finding.Name, finding.Severity, finding.Subject));
        Assert.StartsWith("10 requests from 10.0.0.1", finding.What, StringComparison.Ordinal);
        Assert.StartsWith("1000 requests", Assert.Single(tally.Open(s_start.AddMinutes(1))).What, StringComparison.Ordinal);
        Assert.Empty(tally.Open(s_start.AddHours(2)));
    }

    [Fact]
    public void Nine_within_the_time_are_nothing_and_so_are_ten_in_a_longer_one()
    {
        var told = new List<SecurityFinding>();

        Feed(RefusalTally.Empty, told, Enumerable.Range(0, 9).Select(at => new Refusal(s_start.AddSeconds(at), "10.0.0.1", RefusalKind.WrongKey)));
        Feed(RefusalTally.Empty, told, Enumerable.Range(0, 100).Select(at => new Refusal(s_start.AddMinutes(at * 1.2), "10.0.0.1", RefusalKind.WrongKey)));

        Assert.Empty(told);
    }

    [Fact]
    public void Whoever_goes_on_is_told_again_after_an_hour()
    {
        var told = new List<SecurityFinding>();

        Feed(RefusalTally.Empty, told, Enumerable.Range(0, 150).Select(at => new Refusal(s_start.AddMinutes(at / 2.0), "10.0.0.1", RefusalKind.WrongKey)));

        Assert.Equal(2, told.Count);
    }

    [Fact]
    public void Two_places_are_told_of_apart_and_so_are_two_kinds()
    {
        var told = new List<SecurityFinding>();

        Feed(RefusalTally.Empty, told, Enumerable.Range(0, 20).Select(at => new Refusal(s_start.AddSeconds(at), at % 2 == 0 ? "10.0.0.1" : "10.0.0.2", RefusalKind.WrongKey)));
        Feed(RefusalTally.Empty, told, Enumerable.Range(0, 5).Select(at => new Refusal(s_start.AddSeconds(at), "10.0.0.1", RefusalKind.ForeignPage)));

        Assert.Equal(["10.0.0.1", "10.0.0.2", "10.0.0.1"], told.Select(finding => finding.Subject));
        Assert.Equal(FindingNames.ForeignPages, told[2].Name);
    }

    [Fact]
    public void Many_from_as_many_places_are_told_of_together()
    {
        var told = new List<SecurityFinding>();

        Feed(RefusalTally.Empty, told, Enumerable.Range(0, 300).Select(at => new Refusal(s_start.AddMilliseconds(at), $"10.0.{at / 250}.{at % 250}", RefusalKind.WrongKey)));

        Assert.Equal(RefusalTally.Everywhere, Assert.Single(told).Subject);
    }

    [Fact]
    public void However_many_places_there_are_it_stays_small() => Gen.Int[0, 100_000].Array[2000].Sample(
        places =>
        {
            var tally = Feed(RefusalTally.Empty, [], places.Select((place, at) => new Refusal(s_start.AddSeconds(at), $"{place}", (RefusalKind)(place % 4))));

            Assert.InRange(tally.Sources, 1, RefusalTally.MostSources + 4);
        },
        iter: 20);

    [Theory]
    [InlineData("/v1/models", false)]
    [InlineData("/v1/chat/completions?x=%2e%2e", false)]
    [InlineData("/v1/models/a..b", false)]
    [InlineData("/v1/../helix/v1/keys", true)]
    [InlineData("/v1/%2e%2e/helix", true)]
    [InlineData("/v1/%2E./helix", true)]
    [InlineData("/helix%5cv1", true)]
    [InlineData("/%252e%252e/x", true)]
    [InlineData("/v1/..;/x", true)]
    [InlineData("/v1/..", true)]
    public void A_path_is_odd_by_how_it_is_spelt(string target, bool isOdd) => Assert.Equal(isOdd, RefusalWords.IsOdd(target));

    [Theory]
    [InlineData("invalid_api_key", RefusalKind.WrongKey)]
    [InlineData("insufficient_scope", RefusalKind.WrongKey)]
    [InlineData("cross_site", RefusalKind.ForeignPage)]
    [InlineData("host_not_allowed", RefusalKind.ForeignPage)]
    [InlineData("missing_api_key", null)]
    [InlineData("unsupported_content_type", null)]
    internal void Who_sends_no_key_has_tried_none(string code, RefusalKind? kind) => Assert.Equal(kind, RefusalWords.KindOf(code));

    private static RefusalTally Feed(RefusalTally tally, List<SecurityFinding> told, IEnumerable<Refusal> refusals)
    {
        foreach (var refusal in refusals)
        {
            (tally, var finding) = tally.Take(refusal);
            if (finding is not null) told.Add(finding);
        }

        return tally;
    }
}
