using System.Net;
using System.Text.Json;
using Helix.Clouds;
using Helix.Core.Clouds;
using Helix.Core.History;
using Helix.Core.Reports;
using Helix.Gateway;
using Helix.History;
using Helix.Processes;
using Helix.Reports;
using Helix.Storage;
using Helix.Tests.Gateway.Fakes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Reports;

public sealed class ReportEndpointTests : IAsyncLifetime
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 29, 10, 30, 30, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(s_now);
    private GatewayHost _host = null!;
    private IReadOnlyList<string> _own = [];

    public async ValueTask InitializeAsync() => _host = await GatewayHost.StartAsync(_time, first: Map);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task What_is_on_record_becomes_a_report()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"usage":{"prompt_tokens":1000,"completion_tokens":400}}"""));
        _host.Fleet.Set(_host.Model("m", "a"));
        for (var number = 0; number < 2; number++)
        {
            using var response = await _host.PostAsync("""{"model":"m"}""");
            await response.Content.ReadAsStringAsync();
        }

        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);
        var today = DateOnly.FromDateTime(s_now.UtcDateTime);
        _host.Services.GetRequiredService<UptimeTable>().Add(new Dictionary<UptimeKey, UptimeSpan> { [new(today, UptimeMeter.Whole)] = new(TimeSpan.FromHours(9), TimeSpan.FromHours(1)) });
        _host.Services.GetRequiredService<HistoryTable>().Append(new(s_now, HistoryKind.Healing, Severity.Info, "builtin", "builtin-m", "recovered", "serves again") { Data = """{"seconds":1.5}""" });

        var report = await ReportAsync("?since=1d");

        Assert.Equal((2L, 2000L, 800L), (report.Usage.All.Requests, report.Usage.All.PromptTokens, report.Usage.All.AnswerTokens));
        Assert.Equal("m", Assert.Single(report.Usage.Models).Name);
        Assert.Equal((s_now.AddDays(-1), "hour"), (report.Period.Asked, report.Period.Per));
        Assert.Equal(0.9, Assert.Single(report.Uptime.Of).Share!.Value, 6);
        Assert.Equal((1, 1.5), (report.Healing.Recoveries, report.Healing.LongestSeconds!.Value));
        Assert.Equal((2000L, 3), (report.Savings.PromptTokens, report.Savings.Against.Count));
        Assert.Contains(report.Period.Notes, note => note.StartsWith("The first request on record is of 2026-11-29 10:00 UTC", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_on_record_is_told_as_that()
    {
        var report = await ReportAsync("");

        Assert.Equal(s_now.AddDays(-7), report.Period.Asked);
        Assert.Equal(3, report.Period.Notes.Count);
        Assert.Equal(0, report.Usage.All.Requests);
    }

    [Fact]
    public async Task A_price_of_the_users_own_can_be_compared_with()
    {
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"usage":{"prompt_tokens":1000,"completion_tokens":1000}}"""));
        _host.Fleet.Set(_host.Model("m", "a"));
        using var response = await _host.PostAsync("""{"model":"m"}""");
        await response.Content.ReadAsStringAsync();
        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);
        _own = ["mine/big=100/200"];

        Assert.Equal(new ReportPrice("asked", "mine/big", 100, 200, 0.3m), Assert.Single((await ReportAsync("?against=mine/big")).Savings.Against));
    }

    [Theory]
    [InlineData("?since=never", "since: never is not")]
    [InlineData("?since=2030-01-01", "not over yet")]
    [InlineData("?against=openai/no-such", "no price of openai/no-such is known")]
    public async Task What_makes_no_sense_is_refused_with_a_word_about_it(string query, string words)
    {
        using var owner = _host.Owner();
        using var response = await owner.GetAsync($"/helix/v1/report{query}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(words, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_only_ask_models_is_told_nothing()
    {
        using var response = await _host.Client.GetAsync("/helix/v1/report");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public void The_list_that_comes_with_helix_has_prices_to_compare_with()
    {
        var prices = CloudPriceResource.Load().All(["openai/gpt-4.1=1/2", "openai/*=3/4", "own/one=5/6", "own/*=7/8"]);

        Assert.Equal((1m, 3m, 5m), (prices["openai/gpt-4.1"].In, prices["openai/gpt-4o"].In, prices["own/one"].In));
        Assert.Equal(0.30m, prices["gemini/gemini-2.5-flash"].In);
        Assert.DoesNotContain(prices.Keys, name => name.Contains('*', StringComparison.Ordinal));
    }

    private async Task<PeriodReport> ReportAsync(string query)
    {
        using var owner = _host.Owner();
        using var response = await owner.GetAsync($"/helix/v1/report{query}");
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        return JsonSerializer.Deserialize(text, ReportJson.Default.PeriodReport)!;
    }

    private void Map(WebApplication app)
    {
        var services = app.Services;
        var uptime = services.GetRequiredService<UptimeTable>();
        var feeds = new ReportFeeds { Version = "0.1.0", Prices = services.GetRequiredService<Lazy<CloudPrices>>(), OwnPrices = () => _own, IsCloud = _ => false, Library = () => [] };
        new ReportEndpoint(
            new ReportSources(
                services.GetRequiredService<Accounts>(), services.GetRequiredService<UsageTable>(), uptime, new UptimeWatch(services.GetRequiredService<Helix.Fleet.IFleetView>(), uptime, new RunFolder("/nowhere"), _time),
                services.GetRequiredService<HistoryTable>(), feeds),
            _time).Map(app);
    }
}
