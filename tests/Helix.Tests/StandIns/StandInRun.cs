using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Helix.Mirrors.Products;

namespace Helix.Tests.StandIns;

#pragma warning disable RS0030 // the stand-in is driven as what it is: a process

/// <summary>A stand-in that was started, with a folder of its own: its home, its working folder and its knobs.</summary>
internal sealed class StandInRun : IAsyncDisposable
{
    public const string Version = "9.8.7";

    private static readonly HttpClient s_client = new();

    private readonly List<Running> _started = [];
    private readonly StringBuilder _written = new();

    public StandInRun() => Folder = Directory.CreateTempSubdirectory("helix-standin-").FullName;

    public static string Program { get; } = Wrapper.BuiltStandIn;

    public string Folder { get; }

    public int Port { get; private set; } = FreePort();

    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>All that was written so far by all that were started.</summary>
    public string Written
    {
        get
        {
            lock (_written) return _written.ToString();
        }
    }

    public Uri Url => new($"http://127.0.0.1:{Port}");

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>From here on the port is one whose successor is free, too: both are below those that the system gives to other tests.</summary>
    public void UsePortWithFreeSuccessor()
    {
        while (!IsFree(Port = Random.Shared.Next(20000, 32000)) || !IsFree(Port + 1))
        {
        }
    }

    public static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>A file in the folder, with its whole path.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public string Gguf(string name = "m.gguf") => Write(name, "GGUF and the rest");

    /// <summary>A folder with a model in the manner of Hugging Face.</summary>
    public string ModelFolder(string name = "model") => Path.GetDirectoryName(Write($"{name}/config.json", "{}"))!;

    /// <summary>Sets the knobs for the requests to come.</summary>
    public void Turn(string knobs)
    {
        File.WriteAllText(Path.Combine(Folder, "knobs.new"), knobs);
        File.Move(Path.Combine(Folder, "knobs.new"), Path.Combine(Folder, "standin.json"), overwrite: true);
    }

    public Running Start(string pose, params string[] arguments)
    {
        var start = new ProcessStartInfo(Program, ["--as", pose, "--standin-version", Version, .. arguments])
        {
            WorkingDirectory = Folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        var runtime = System.Environment.GetEnvironmentVariable("DOTNET_ROOT");
        start.Environment.Clear();
        start.Environment["HOME"] = Folder;
        start.Environment["PATH"] = "/usr/bin:/bin";
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        if (runtime is not null) start.Environment["DOTNET_ROOT"] = runtime;
        foreach (var (name, value) in Environment) start.Environment[name] = value;
        var running = new Running(start, Keep);
        _started.Add(running);
        return running;
    }

    /// <returns>The exit code.</returns>
    public Task<int> EndAsync(string pose, params string[] arguments) => Start(pose, arguments).EndAsync();

    /// <summary>Takes the port out of a line that was written: some move to another one.</summary>
    public async Task PortFromAsync(string before)
    {
        await Eventually.TrueAsync(() => Written.Contains(before, StringComparison.Ordinal));
        var text = Written[(Written.IndexOf(before, StringComparison.Ordinal) + before.Length)..];
        Port = int.Parse(new string([.. text.TakeWhile(char.IsAsciiDigit)]), null);
    }

    public Task ReadyAsync(string path) => Eventually.TrueAsync(async () => await StatusAsync(path) == 200, $"{path} answers 200; so far: {Written}");

    /// <summary>Null: nobody listens.</summary>
    public async Task<int?> StatusAsync(string path)
    {
        try
        {
            using var response = await s_client.GetAsync(new Uri(Url, path));
            return (int)response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    public async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await s_client.GetStringAsync(new Uri(Url, path)))!;

    public async Task<(int Status, string Body)> PostAsync(string path, string body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Url, path)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        using var response = await s_client.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>The whole answer to "hello".</summary>
    public Task<(int Status, string Body)> ChatAsync(string? model = null, string more = "", params (string Name, string Value)[] headers) => PostAsync(
        "/v1/chat/completions", $$"""{{{(model is null ? "" : $"\"model\":\"{model}\",")}}"messages":[{"role":"user","content":"hello"}]{{more}}}""", headers);

    public async ValueTask DisposeAsync()
    {
        foreach (var running in _started) await running.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private void Keep(string? line)
    {
        lock (_written) _written.AppendLine(line);
    }
}
