using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Helix.Core.Models;
using Helix.Engine.Native;
using Helix.EngineHost;
using Microsoft.AspNetCore.Builder;

namespace Helix.Tests.EngineHost;

/// <summary>The engine's HTTP on a real unix socket in this process, with a model made for the test.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly EngineLoader _loader;
    private readonly WebApplication _app;

    private TestHost(DirectoryInfo folder, EngineLoader loader, WebApplication app, string socket)
    {
        (_folder, _loader, _app) = (folder, loader, app);
        Http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
                return new NetworkStream(connection, ownsSocket: true);
            },
        })
        {
            BaseAddress = new Uri("http://engine"),
            Timeout = TimeSpan.FromSeconds(60),
        };
    }

    public HttpClient Http { get; }

    public static async Task<TestHost> StartAsync(byte[] model, int slots = 4, int context = 2048, bool load = true)
    {
        Assert.Null(LlamaLibrary.Load(Engine.TestEngine.Libraries));
        var folder = Directory.CreateTempSubdirectory("helix-host-");
        var file = Path.Combine(folder.FullName, "model.gguf");
        await File.WriteAllBytesAsync(file, model);
        var socket = Path.Combine(folder.FullName, "e.sock");
        var arguments = new EngineArguments(file, socket, "test-model", slots, context, Threads: 1, Engine.TestEngine.Libraries, Queue: 2);
        var random = new Random(1);
        var loader = new EngineLoader(arguments, TimeProvider.System, random);
        var app = EngineApp.Build(socket, loader, TimeProvider.System, random);
        await app.StartAsync();
        if (load)
            Assert.Null(await loader.LoadAsync());
        return new TestHost(folder, loader, app, socket);
    }

    public static Task<TestHost> SayingAsync(string answer, int slots = 4, int context = 2048) => StartAsync(ScriptedGguf.Make(answer), slots, context);

    public async Task<(int Status, JsonElement Body)> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await Http.PostAsync(path, content);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    /// <summary>The data of each event of a stream.</summary>
    public async Task<List<string>> StreamAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await Http.PostAsync(path, content);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var text = await response.Content.ReadAsStringAsync();
        Assert.EndsWith("\n\n", text, StringComparison.Ordinal);
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(line => Assert.IsType<string>(line["data: ".Length..]))];
    }

    /// <summary>A number of <c>/metrics</c>.</summary>
    public async Task<double> MetricAsync(string name)
    {
        var text = await Http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        var line = text.Split('\n').First(line => line.StartsWith($"helix_engine_{name} ", StringComparison.Ordinal));
        return double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _loader.Dispose();
        _folder.Delete(recursive: true);
    }
}
