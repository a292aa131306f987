using System.Net;
using System.Text;
using System.Text.Json;
using Helix.Contracts;
using Helix.Core.Tests.Models;
using Helix.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Helix.Tests.Models;

public sealed class ModelEndpointsTests : IAsyncLifetime
{
    private readonly byte[] _model = TinyGguf.Chat().ToArray();
    private ModelHouse _house = null!;
    private WebApplication _app = null!;
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> _served = new();
    private HttpClient _client = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _house = await ModelHouse.BuildAsync(_model);
        await _house.Library.OpenAsync(Stop);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(_house.Library).AddSingleton(_house.Pulls).AddSingleton(new ForeignSearch(() => [], TimeProvider.System));
        _app = builder.Build();
        _app.MapModels((id, _) =>
        {
            _served.Enqueue(id);
            return Task.CompletedTask;
        });
        await _app.StartAsync();
        _client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _house.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task A_pull_tells_its_progress_line_by_line_and_ends_with_the_model()
    {
        using var answer = await PostAsync("pull", """{"source": "tiny"}""");
        var events = (await answer.Content.ReadAsStringAsync(Stop)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize(line, ApiJson.Default.PullEvent)!).ToArray();

        Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(("done", "tiny"), (events[^1].Phase, events[^1].Model?.Id));
        Assert.Equal(["tiny"], _served);
        var list = JsonSerializer.Deserialize(await _client.GetStringAsync("/helix/v1/models", Stop), ApiJson.Default.ModelList)!;
        Assert.Equal(("llama", TinyGguf.Template), list.Models.Select(model => (model.Architecture, model.Template)).Single());
    }

    [Fact]
    public async Task A_failed_pull_ends_with_the_reason_and_the_remedy()
    {
        using var answer = await PostAsync("pull", """{"source": "unknown-model"}""");
        var last = JsonSerializer.Deserialize((await answer.Content.ReadAsStringAsync(Stop)).Trim().Split('\n')[^1], ApiJson.Default.PullEvent)!;

        Assert.Equal(("failed", "not_found"), (last.Phase, last.Error?.Code));
        Assert.NotNull(last.Error?.Remedy);
    }

    [Fact]
    public async Task A_client_that_goes_ends_the_download()
    {
        _house.HubStandIn.Hold = new TaskCompletionSource();
        using (var request = new HttpRequestMessage(HttpMethod.Post, "/helix/v1/models/pull") { Content = new StringContent("""{"source": "tiny"}""") })
        using (await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop))
            await Eventually.TrueAsync(() => _house.HubStandIn.Downloads == 1, "the download");
        _house.HubStandIn.Hold = null;

        await Eventually.TrueAsync(() => CanOpen(Directory.GetFiles(_house.Folder.Partial, "*.part").Single()), "the part is put away");
    }

    [Fact]
    public async Task A_model_is_added_and_removed()
    {
        var path = Path.Combine(_house.Folder.Root, "..", "own.gguf");
        await File.WriteAllBytesAsync(path, _model, Stop);

        using var added = await PostAsync("add", $$"""{"path": "{{Path.GetFullPath(path)}}", "name": "own"}""");
        Assert.Equal("own", JsonSerializer.Deserialize(await added.Content.ReadAsStringAsync(Stop), ApiJson.Default.ModelReport)!.Id);

        using var removed = await _client.DeleteAsync(new Uri("/helix/v1/models/own", UriKind.Relative), Stop);
        Assert.Equal(HttpStatusCode.OK, removed.StatusCode);
        using var again = await _client.DeleteAsync(new Uri("/helix/v1/models/own", UriKind.Relative), Stop);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"path": 1}""")]
    [InlineData("""{"path": "/x", "colour": "blue"}""")]
    [InlineData("""{"path": "/nowhere/at/all.gguf"}""")]
    public async Task Bad_bodies_are_refused_in_words(string body)
    {
        using var answer = await PostAsync("add", body);

        Assert.InRange((int)answer.StatusCode, 400, 404);
        Assert.NotEmpty(JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(Stop), ApiJson.Default.ApiErrorBody)!.Error.Message);
    }

    [Fact]
    public async Task A_huge_body_is_refused()
    {
        using var answer = await PostAsync("add", $$"""{"path": "{{new string('x', 100_000)}}"}""");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    private Task<HttpResponseMessage> PostAsync(string verb, string body) =>
        _client.PostAsync(new Uri($"/helix/v1/models/{verb}", UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"), Stop);

    private static bool CanOpen(string path)
    {
        try
        {
            File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
