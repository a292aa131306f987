using System.Net;
using System.Text.Json.Nodes;
using Helix.Core.Configuration;
using Helix.Tests.Clouds.Fakes;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Clouds;

/// <summary>Where requests were answered, on a machine that has an engine and a cloud.</summary>
public sealed class CloudNodeTests : IAsyncLifetime
{
    private const string Answer = """{"choices":[{"index":0,"message":{"content":"fine"}}],"usage":{"prompt_tokens":100,"completion_tokens":50}}""";
    private const string AskCloud = """{"model":"openai/gpt","max_tokens":1000}""";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 10, 30, 30, TimeSpan.Zero));
    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await GatewayHost.StartAsync(_time, services => services.AddSingleton(FakeCloud.Trust));
        _host.Config = HelixConfig.Default with { Cloud = new CloudConfig(5, null, ["openai/gpt=1/10"]) };
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task The_node_of_a_cloud_is_its_host_and_all_nodes_add_up_to_the_whole()
    {
        await using var cloud = new FakeCloud(talk => talk.JsonAsync(Answer));
        await using var engine = _host.Engine("a", talk => talk.JsonAsync(Answer));
        var far = cloud.Model("gpt");
        // called as it is, and named as if it were not on this machine
        _host.Fleet.Set(_host.Model("m", "a"), far with { Backends = [far.Backends[0] with { Endpoint = "https://api.example.com:443" }] });

        Assert.Equal("api.example.com", await NodeAsync(AskCloud));
        Assert.Equal("api.example.com", await NodeAsync(AskCloud));
        var here = await NodeAsync("""{"model":"m"}""");

        var (all, rows) = ((await RowsAsync("")).Single(), await RowsAsync("&by=node"));
        Assert.Equal(2, rows.Length);
        Assert.Equal(1, (int)rows.Single(row => (string?)row["node"] == here)["requests"]!);
        var there = rows.Single(row => (string?)row["node"] == "api.example.com");
        Assert.Equal((2, 200, 0.0012m), ((int)there["requests"]!, (int)there["prompt_tokens"]!, (decimal)there["cost_usd"]!));
        foreach (var what in new[] { "requests", "prompt_tokens", "answer_tokens", "cost_usd" }) Assert.Equal((decimal)all[what]!, rows.Sum(row => (decimal)row[what]!));
    }

    /// <summary>Asks, and waits until it is accounted for.</summary>
    /// <returns>Where it was answered, as the client is told it.</returns>
    private async Task<string?> NodeAsync(string body)
    {
        using var response = await _host.PostAsync(body);
        await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await Eventually.TrueAsync(() => _host.Counters.InFlight == 0);
        return response.Header("x-helix-node");
    }

    private async Task<JsonObject[]> RowsAsync(string more)
    {
        using var owner = _host.Owner();
        using var response = await owner.GetAsync($"/helix/v1/usage?per=day{more}");
        return [.. (await response.JsonAsync())["rows"]!.AsArray().Select(row => row!.AsObject())];
    }
}
