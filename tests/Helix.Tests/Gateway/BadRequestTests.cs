using System.Net;
using System.Net.Sockets;
using System.Text;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Gateway;
using Helix.Tests.Gateway.Fakes;

namespace Helix.Tests.Gateway;

public sealed class BadRequestTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await GatewayHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("{", "invalid_json", null)]
    [InlineData("""{"model":5}""", "invalid_type", "model")]
    [InlineData("""{"model":"a","model":"b"}""", "duplicate_parameter", "model")]
    [InlineData("""{"stream":1}""", "invalid_type", "stream")]
    public async Task What_is_wrong_with_the_body_is_said(string body, string code, string? param)
    {
        using var response = await _host.PostAsync(body);

        Assert.Equal((400, code, param), await response.ErrorAsync());
    }

    [Fact]
    public async Task An_unknown_model_is_a_404_that_lists_what_there_is()
    {
        _host.Fleet.Set(_host.Model("stories", "a"));

        using var response = await _host.PostAsync("""{"model":"gpt-5"}""");

        Assert.Equal((404, "model_not_found", "model"), await response.ErrorAsync());
        Assert.Contains("stories", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Embeddings_without_a_model_for_them_are_a_409()
    {
        _host.Fleet.Set(_host.Model("helix-selftest", "a") with { IsSelfTest = true });

        using var response = await _host.PostAsync("""{"input":"x"}""", "/v1/embeddings");

        Assert.Equal((409, "no_model", "model"), await response.ErrorAsync());
    }

    [Fact]
    public async Task A_body_of_100_MB_is_refused_before_it_is_sent()
    {
        var answer = await RawAsync($"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{_host.Port}\r\nContent-Type: application/json\r\nContent-Length: 104857600\r\n\r\n" + new string('x', 1000));

        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("body_too_large", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_of_unknown_length_is_refused_once_it_is_too_long()
    {
        _host.Config = HelixConfig.Default with { Gateway = new GatewayConfig(MaxBodyMegabytes: 1) };
        var chunk = $"10000\r\n{new string('x', 0x10000)}\r\n";

        var answer = await RawAsync(
            $"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{_host.Port}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + string.Concat(Enumerable.Repeat(chunk, 17)));

        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/models HTTP/1.1\r\n\r\n", "ambiguous_length")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n", "ambiguous_length")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n80000000\r\n{", "")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n{", "")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nzz\r\n{", "bad_request")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n2\r\n{}xx", "bad_request")]
    public async Task A_length_that_cannot_be_is_refused_in_words(string rest, string code)
    {
        var answer = await RawAsync($"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{_host.Port}\r\nContent-Type: application/json\r\n{rest}");

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("invalid_request_error", answer, StringComparison.Ordinal);
        Assert.Contains(code, answer, StringComparison.Ordinal);
        if (code == "ambiguous_length") Assert.Contains("Connection: close", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Bodies_that_do_not_come_to_their_end_keep_nobody_else_out()
    {
        _host.Config = HelixConfig.Default with { Gateway = new GatewayConfig(MaxBodyMegabytes: 1) };
        await using var engine = _host.Engine("a", talk => talk.JsonAsync("""{"id":"x"}"""));
        _host.Fleet.Set(_host.Model("m", "a"));
        var slow = new List<Socket>();
        try
        {
            for (var number = 0; number < 40; number++)
            {
                var begun = number % 2 == 0 ? "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n" : "Content-Length: 1048576\r\n\r\n{";
                slow.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                await slow[^1].ConnectAsync(IPAddress.Loopback, _host.Port);
                await slow[^1].SendAsync(Encoding.ASCII.GetBytes($"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{_host.Port}\r\nContent-Type: application/json\r\n{begun}"));
            }

            await Eventually.TrueAsync(() => _host.Counters.InFlight == slow.Count);
            using var response = await _host.PostAsync("""{"model":"m"}""");

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
        finally
        {
            foreach (var socket in slow) socket.Dispose();
        }
    }

    [Fact]
    public void Large_bodies_have_room_for_so_many_bytes_together()
    {
        var room = new BodyRoom();

        Assert.True(room.Take(60, most: 100));
        Assert.False(room.Take(41, most: 100));
        Assert.True(room.Take(40, most: 100));
        room.Leave(60);
        Assert.True(room.Take(60, most: 100));
    }

    [Fact]
    public void Whoever_sends_too_slowly_is_hung_up_on()
    {
        Assert.InRange(_host.Limits.RequestHeadersTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
        Assert.InRange(_host.Limits.KeepAliveTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2));
        Assert.InRange(_host.Limits.MinRequestBodyDataRate!.BytesPerSecond, 240, double.MaxValue);
        Assert.InRange(_host.Limits.MinRequestBodyDataRate!.GracePeriod, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_configured_limit_above_kestrels_own_holds()
    {
        _host.Config = HelixConfig.Default with { Gateway = new GatewayConfig(MaxBodyMegabytes: 40) };

        using var response = await _host.PostAsync($$"""{"model":"none","x":"{{new string('x', 35 << 20)}}"}""");

        Assert.Equal((404, "model_not_found", "model"), await response.ErrorAsync());
    }

    [Theory]
    [InlineData("Origin", "http://evil.example", "cross_site")]
    [InlineData("Sec-Fetch-Site", "cross-site", "cross_site")]
    [InlineData("Host", "evil.example", "host_not_allowed")]
    public async Task A_web_page_from_elsewhere_is_refused_before_its_body_is_read(string header, string value, string code)
    {
        var host = header == "Host" ? "" : $"Host: 127.0.0.1:{_host.Port}\r\n";

        var answer = await RawAsync($"POST /v1/chat/completions HTTP/1.1\r\n{host}{header}: {value}\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 403 ", answer, StringComparison.Ordinal);
        Assert.Contains(code, answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Access-Control", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_form_is_refused_by_its_content_type()
    {
        using var response = await _host.Client.PostAsync("/v1/chat/completions", new StringContent("{}", Encoding.UTF8, "text/plain"));

        Assert.Equal((415, "unsupported_content_type", null), await response.ErrorAsync());
    }

    [Fact]
    public async Task Paths_and_methods_that_are_not_served_say_what_is()
    {
        using var missing = await _host.Client.GetAsync("/v1/nothing");
        using var wrong = await _host.Client.GetAsync("/v1/chat/completions");
        using var live = await _host.Client.GetAsync("/livez");

        Assert.Equal((404, "not_found", null), await missing.ErrorAsync());
        Assert.Equal((405, "method_not_allowed", null), await wrong.ErrorAsync());
        Assert.Equal("POST", wrong.Content.Headers.Allow.Single());
        Assert.Equal("ok\n", await live.Content.ReadAsStringAsync());
        Assert.NotNull(live.Header("x-request-id"));
        Assert.Null(live.Header("Server"));
    }

    [Fact]
    public async Task Models_are_listed_in_openais_shape_and_in_the_fleets_order()
    {
        _host.Fleet.Set(
            _host.Model("org/real:7b") with { Availability = new ModelAvailability.Coming("37 %") },
            _host.Model("helix-selftest", "a") with { IsSelfTest = true });

        using var list = await _host.Client.GetAsync("/v1/models");
        using var one = await _host.Client.GetAsync("/v1/models/org/real:7b");
        using var none = await _host.Client.GetAsync("/v1/models/none");

        var json = await list.JsonAsync();
        Assert.Equal("list", (string?)json["object"]);
        Assert.Equal(["org/real:7b", "helix-selftest"], json["data"]!.AsArray().Select(model => (string?)model!["id"]));
        Assert.Equal(["local", "helix"], json["data"]!.AsArray().Select(model => (string?)model!["owned_by"]));
        Assert.Equal(
            """{"id":"org/real:7b","object":"model","created":86400,"owned_by":"local","helix":{"state":"coming","detail":"37 %","abilities":["chat","completion"],"context":2048}}""",
            await one.Content.ReadAsStringAsync());
        Assert.Equal((404, "model_not_found", "model"), await none.ErrorAsync());
    }

    [Fact]
    public async Task A_request_id_that_could_do_harm_is_replaced()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/livez");
        request.Headers.TryAddWithoutValidation("x-request-id", "a b<script>");

        using var response = await _host.Client.SendAsync(request);

        Assert.StartsWith("req_", response.Header("x-request-id"), StringComparison.Ordinal);
    }

    /// <summary>Sends bytes and reads what comes back until the body's error is there or the gateway hangs up.</summary>
    private async Task<string> RawAsync(string request)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _host.Port);
        var sending = socket.SendAsync(Encoding.ASCII.GetBytes(request));
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        while (!answer.ToString().Contains("request_id", StringComparison.Ordinal))
        {
            using var limit = new CancellationTokenSource(Eventually.Limit);
            var count = await socket.ReceiveAsync(buffer, limit.Token);
            if (count == 0) break;
            answer.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }

        return answer.ToString();
    }
}
