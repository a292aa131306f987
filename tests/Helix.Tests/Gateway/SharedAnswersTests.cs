using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Helix.Gateway;
using Helix.Tests.Gateway.Fakes;

#pragma warning disable RS0030 // a server of the test's own, which it ends itself

namespace Helix.Tests.Gateway;

/// <summary>Two daemons and a real Redis server.</summary>
public sealed class SharedAnswersTests : IAsyncLifetime
{
    private const string Ask = """{"model":"m","temperature":0,"messages":[{"role":"user","content":"Hi"}]}""";
    private const string AskStream = """{"model":"m","temperature":0,"stream":true,"messages":[{"role":"user","content":"Hi"}]}""";
    private const string Text = """{"choices":[{"index":0,"delta":{"content":"fine"},"finish_reason":"stop"}]}""";

    private readonly int _port = FreePort();
    private Process? _redis;
    private GatewayHost _one = null!;
    private GatewayHost _two = null!;

    public async ValueTask InitializeAsync()
    {
        (_one, _two) = (await GatewayHost.StartAsync(), await GatewayHost.StartAsync());
        foreach (var host in (GatewayHost[])[_one, _two]) host.Config = host.Config with { Performance = host.Config.Performance with { CacheRedis = $"127.0.0.1:{_port}" } };
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        if (_redis is null) return;
        _redis.Kill();
        await _redis.WaitForExitAsync();
        _redis.Dispose();
    }

    [Theory]
    [InlineData(Ask)]
    [InlineData(AskStream)]
    public async Task What_one_was_answered_the_other_finds(string ask)
    {
        await StartRedisAsync();
        await using var engine = _one.Engine("a", talk => ask == Ask ? talk.JsonAsync("""{"choices":[{"message":{"content":"fine"}}]}""") : talk.StreamAsync(Text));
        await using var other = _two.Engine("a", talk => talk.JsonAsync("""{"error":{"message":"nobody asks"}}""", 400));
        _one.Fleet.Set(_one.Model("m", "a"));
        _two.Fleet.Set(_two.Model("m", "a"));

        var (first, second, state) = ("", "", default(string));
        await Eventually.TrueAsync(async () =>
        {
            // until there is a connection, it keeps its answers to itself
            (first, _) = await AnswerAsync(_one, ask, "no-cache");
            (second, state) = await AnswerAsync(_two, ask);
            return state == "hit";
        });

        Assert.Equal(first, second);
        // and has it itself from now on
        _redis!.Kill();
        await _redis.WaitForExitAsync();
        Assert.Equal((first, "hit"), await AnswerAsync(_two, ask));
    }

    [Fact]
    public async Task Without_the_server_each_goes_on_alone()
    {
        await using var engine = _one.Engine("a", talk => talk.JsonAsync("""{"choices":[{"message":{"content":"fine"}}]}"""));
        _one.Fleet.Set(_one.Model("m", "a"));

        Assert.Equal("miss", (await AnswerAsync(_one, Ask)).State);
        Assert.Equal("hit", (await AnswerAsync(_one, Ask)).State);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"version":2}""")]
    [InlineData("""{"version":1,"model":null,"selftest":false,"provider":"p","ended":0,"type":"application/json","pieces":[0,"e30="]}""")]
    [InlineData("""{"version":1,"model":"m","selftest":false,"provider":"p","ended":0,"type":"application/json","pieces":[0,"not base64!"]}""")]
    [InlineData("""{"version":1,"model":"m","selftest":false,"provider":"p","ended":99999999999999999,"type":"application/json","pieces":[0,"e30="]}""")]
    [InlineData("""{"version":1,"model":"m","selftest":false,"provider":"p","ended":0,"type":"text/event-stream","pieces":[0,"e30="]}""")]
    public void What_is_no_answer_is_none(string stored) => Assert.Null(StoredAnswer.Read(Encoding.UTF8.GetBytes(stored), TimeProvider.System));

    private static async Task<(string Text, string? State)> AnswerAsync(GatewayHost host, string ask, string? control = null)
    {
        using var response = await host.PostAsync(ask, more: request => request.Headers.TryAddWithoutValidation("Cache-Control", control ?? "max-age=60"));
        return (await response.Content.ReadAsStringAsync(), response.Header("x-helix-cache"));
    }

    private async Task StartRedisAsync()
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "redis-server")).FirstOrDefault(File.Exists);
        Assert.SkipUnless(program is not null, "redis-server is not here: apt-get install redis-server");
        _redis = Process.Start(new ProcessStartInfo(program!, ["--port", _port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]) { RedirectStandardOutput = true })!;
        _redis.BeginOutputReadLine();
        await Eventually.TrueAsync(() => Answers(_port), "Redis answers");
    }

    private static bool Answers(int port)
    {
        try
        {
            using var socket = new TcpClient();
            socket.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
