using System.Collections.Immutable;
using System.Net;
using System.Text;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Gateway;

public sealed class LicenceTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await GatewayHost.StartAsync(_time);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Who_asks_for_a_model_that_is_not_permitted_is_refused_at_once_and_explain_says_why()
    {
        await using var engine = Answers("a");
        Serve("m");

        using var response = await _host.PostAsync("""{"model":"m"}""");
        using var owner = _host.Owner();
        using var explained = await owner.PostAsync("/helix/v1/route/explain", new StringContent("""{"model":"m"}""", Encoding.UTF8, "application/json"));
        var report = await explained.JsonAsync();

        Assert.Equal((403, "licence_not_permitted", "model"), await response.ErrorAsync());
        Assert.Equal("refuse", (string?)report["outcome"]);
        Assert.Contains("gateway.licences", (string?)report["why"], StringComparison.Ordinal);
        Assert.Empty(engine.Requests);
    }

    [Fact]
    public async Task Clients_of_Anthropic_are_told_in_their_words()
    {
        Serve("m");

        using var response = await _host.PostAsync("""{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}""", "/v1/messages");

        Assert.Equal((HttpStatusCode.Forbidden, "permission_error"), (response.StatusCode, (string?)(await response.JsonAsync())["error"]!["type"]));
    }

    [Fact]
    public async Task A_name_goes_on_to_the_next_that_is_permitted()
    {
        await using var barred = Answers("a");
        await using var free = Answers("b");
        _host.Config = _host.Config with { Gateway = _host.Config.Gateway with { Aliases = ImmutableDictionary<string, ModelAlias>.Empty.Add("name", ModelAlias.Parse("m, n").Alias!) } };
        _host.Fleet.Set([.. Barred("m"), _host.Model("n", "b")]);

        using var response = await _host.PostAsync("""{"model":"name"}""");

        Assert.Equal((HttpStatusCode.OK, "n"), (response.StatusCode, response.Header("x-helix-model")));
        Assert.Empty(barred.Requests);
    }

    private void Serve(string id) => _host.Fleet.Set([.. Barred(id)]);

    /// <summary>Nobody tells its licence.</summary>
    private ImmutableArray<ServedModel> Barred(string id) => LicenceRule.Apply([_host.Model(id, "a")], ["mit"], []);

    private FakeEngine Answers(string engine) => _host.Engine(engine, talk => talk.JsonAsync("{}"));
}
