using System.Net;
using Helix.Automation;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Fleet;
using Helix.Storage;
using Helix.Tests.Fakes;
using Helix.Tests.Gateway.Fakes;
using Helix.Tests.Tuning;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Helix.Tests.Automation;

/// <summary>What is done by itself all the time can be asked for like the rest.</summary>
public sealed class AutomationEndpointsTests : IAsyncLifetime
{
    private readonly TemporaryHome _temporary = new();
    private readonly FakeFleetView _fleet = new();
    private readonly FixedConfig _config = new();
    private readonly List<string> _asked = [];
    private Database _database = null!;
    private WebApplication _app = null!;
    private HttpClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = new(_temporary.Home.Database, TimeProvider.System, NullLogger<Database>.Instance);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        new AutomationEndpoints([], new(() => _asked.Add("look"), (provider, _) => _asked.Add($"nudge {provider}")), _fleet, new LookLog(TimeProvider.System), new HistoryTable(_database), _config).Map(_app);
        await _app.StartAsync(Token);
        _client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()), Timeout = Eventually.Limit };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
        await _database.DisposeAsync();
        _temporary.Dispose();
    }

    [Fact]
    public async Task Engines_that_serve_are_looked_at_when_somebody_asks()
    {
        Assert.Contains("no engine serves", await RunAsync("health"), StringComparison.Ordinal);
        Assert.Empty(_asked);

        Has(Instance("vllm", "a", ProviderState.Ready, 7), Instance("vllm", "b", ProviderState.Starting, 8));
        Assert.Contains("1 engine is looked at now", await RunAsync("health"), StringComparison.Ordinal);
        Assert.Equal(["look"], _asked);

        _config.Current = HelixConfig.Default with { AutoManager = HelixConfig.Default.AutoManager with { AutoMonitor = false } };
        Assert.Contains("auto_manager.auto_monitor", await RunAsync("health", HttpStatusCode.Conflict), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_failed_and_waits_is_started_when_somebody_asks_each_provider_once()
    {
        Assert.Contains("nothing is to be mended", await RunAsync("recovery"), StringComparison.Ordinal);

        Has(Instance("vllm", "a", ProviderState.Critical), Instance("vllm", "b", ProviderState.Recovering), Instance("jan", "c", ProviderState.Ready, 7), Instance("builtin", "d", ProviderState.Recovering, 8));
        Assert.Contains("started again now: vllm-a, vllm-b;", await RunAsync("recovery"), StringComparison.Ordinal);
        Assert.Equal(["nudge vllm"], _asked);
    }

    [Fact]
    public async Task There_are_six_and_no_others()
    {
        Assert.Contains("health, optimisation, updates, recovery, security, backup", await RunAsync("gardening", HttpStatusCode.NotFound), StringComparison.Ordinal);
    }

    private void Has(params InstanceStatus[] instances)
    {
        _fleet.Instances = [.. instances];
        _fleet.Set();
    }

    private static InstanceStatus Instance(string provider, string model, ProviderState state, int? pid = null) => new($"{provider}-{model}", provider, model, state, "so", pid, 0, DateTimeOffset.UnixEpoch);

    private async Task<string> RunAsync(string id, HttpStatusCode status = HttpStatusCode.Accepted)
    {
        using var answer = await _client.PostAsync($"/helix/v1/automations/{id}/run", null, Token);
        Assert.Equal(status, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(Token);
    }
}
