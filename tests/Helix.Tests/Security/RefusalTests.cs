using System.Net;
using System.Net.Sockets;
using System.Text;
using Helix.Access;
using Helix.Core.Configuration;
using Helix.Core.History;
using Helix.Core.Security;
using Helix.Security;
using Helix.Tests.Gateway.Fakes;

namespace Helix.Tests.Security;

/// <summary>Requests that are refused at the real gateway, and what is told of them.</summary>
public sealed class RefusalTests : IAsyncLifetime
{
    private readonly List<HistoryEvent> _told = [];
    private GatewayHost _host = null!;
    private RefusalWatch _watch = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await GatewayHost.StartAsync();
        _watch = new(_host.Refusals, () => _host.Config.Security, happened => { lock (_told) _told.Add(happened); });
        await _watch.StartAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _watch.StopAsync(CancellationToken.None);
        _watch.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Ten_wrong_keys_are_one_alert_and_so_are_thirty()
    {
        for (var at = 0; at < 30; at++) Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync("/v1/models", ("Authorization", $"Bearer hx_{at}")));

        await Eventually.TrueAsync(() => _watch.Open(TimeProvider.System.GetUtcNow()).Any(finding => finding.What.StartsWith("30 requests", StringComparison.Ordinal)), "all thirty counted");
        Assert.Equal([HistoryKind.Security, HistoryKind.Alert], Told.Select(each => each.Kind));
        Assert.Equal((FindingNames.WrongKeys, "127.0.0.1"), (Told[1].What, Told[1].Subject));
    }

    [Fact]
    public async Task Pages_from_elsewhere_are_told_of()
    {
        for (var at = 0; at < 5; at++) Assert.Equal(HttpStatusCode.Forbidden, await AskAsync("/v1/models", ("Origin", "https://evil.example")));

        await Eventually.TrueAsync(() => Told.Any(each => each is { Kind: HistoryKind.Alert, What: FindingNames.ForeignPages }), "an alert");
    }

    [Fact]
    public async Task Paths_that_are_spelt_to_get_past_a_check_are_told_of()
    {
        foreach (var path in (string[])["/v1/%2e%2e/helix/v1/keys", "/v1/..%5c..%5chelix", "/x/../helix/v1/keys"]) await SendAsync($"GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{_host.Port}\r\nconnection: close\r\n\r\n");

        await Eventually.TrueAsync(() => Told.Any(each => each is { Kind: HistoryKind.Alert, What: FindingNames.OddPaths }), "an alert");
    }

    [Fact]
    public async Task Bodies_that_are_too_large_are_told_of()
    {
        for (var at = 0; at < 10; at++) await SendAsync($"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:{_host.Port}\r\ncontent-type: application/json\r\ncontent-length: 999999999\r\nconnection: close\r\n\r\n");

        await Eventually.TrueAsync(() => Told.Any(each => each is { Kind: HistoryKind.Alert, What: FindingNames.LargeBodies }), "an alert");
    }

    [Fact]
    public async Task Who_is_answered_and_who_has_no_key_and_whoever_comes_over_the_socket_is_not_counted()
    {
        _host.Config = HelixConfig.Default with { Security = new(RequireKey: true) };
        using var owner = _host.Owner();
        for (var at = 0; at < 30; at++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync("/v1/models"));
            Assert.Equal(HttpStatusCode.NotFound, (await owner.GetAsync("/v1/..%2f..%5c", Token)).StatusCode);
        }

        // these come behind all of them
        for (var at = 0; at < 10; at++) await AskAsync("/v1/models", ("Authorization", "Bearer hx_x"));
        await Eventually.TrueAsync(() => Told.Count == 2, "the alert of the wrong keys alone");
    }

    [Fact]
    public async Task Switched_off_nothing_is_counted()
    {
        _host.Config = HelixConfig.Default with { Security = new(Watch: false) };
        for (var at = 0; at < 20; at++) await AskAsync("/v1/models", ("Authorization", "Bearer hx_x"));
        await Eventually.TrueAsync(() => _host.Refusals.Reader.Count == 0, "all are read");
        _host.Config = HelixConfig.Default;

        // the last of the twenty may be on its way still
        for (var at = 0; at < 8; at++) await AskAsync("/v1/models", ("Authorization", "Bearer hx_x"));
        await Eventually.TrueAsync(() => _host.Refusals.Reader.Count == 0, "all are read");

        Assert.Empty(Told);
    }

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1")]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1")]
    [InlineData("::1", "::1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    public void Of_addresses_that_one_customer_has_many_of_the_network_counts(string address, string source) => Assert.Equal(source, Refusals.SourceOf(IPAddress.Parse(address)));

    private List<HistoryEvent> Told
    {
        get
        {
            lock (_told) return [.. _told];
        }
    }

    private async Task<HttpStatusCode> AskAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await _host.Client.SendAsync(request, Token);
        return response.StatusCode;
    }

    /// <summary>As no client library would send it; the answer is read to its end.</summary>
    private async Task SendAsync(string text)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _host.Port, Token);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text), Token);
        using var reader = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 4", await reader.ReadLineAsync(Token), StringComparison.Ordinal);
    }
}
