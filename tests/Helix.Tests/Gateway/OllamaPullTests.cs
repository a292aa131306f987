using System.Text;
using System.Text.Json.Nodes;
using Helix.Core.Fleet;
using Helix.Core.Tests.Models;
using Helix.Gateway;
using Helix.Tests.Gateway.Fakes;
using Helix.Tests.Models;
using Microsoft.AspNetCore.Http;

namespace Helix.Tests.Gateway;

/// <summary>Models that clients of Ollama bring, from a hub on loopback.</summary>
public sealed class OllamaPullTests
{
    private readonly FakeFleetView _fleet = new();

    [Fact]
    public async Task A_model_of_the_catalogue_comes_line_by_line_and_is_served_then()
    {
        await using var house = await ModelHouse.BuildAsync(TinyGguf.Chat().ToArray());
        var (context, pulled) = Pull(house, ModelHouse.Entry + ":latest", streams: true);
        await Eventually.TrueAsync(() => house.Library.Current.Find(ModelHouse.Entry) is not null, "it is in the library");
        Assert.False(pulled.IsCompleted);
        Serve(ModelHouse.Entry);
        await pulled;

        var lines = Lines(context);
        Assert.Equal("application/x-ndjson", context.Response.ContentType);
        Assert.Equal("success", (string?)lines[^1]["status"]);
        Assert.Contains((string?)lines[0]["status"], (string[])["pulling manifest", "verifying sha256 digest", $"pulling {house.Catalog.Find(ModelHouse.Entry)!.Sha256[..12]}"]);
    }

    [Fact]
    public async Task One_answer_is_enough_where_that_is_asked()
    {
        await using var house = await ModelHouse.BuildAsync(TinyGguf.Chat().ToArray());
        var (context, pulled) = Pull(house, ModelHouse.Entry, streams: false);
        await Eventually.TrueAsync(() => house.Library.Current.Find(ModelHouse.Entry) is not null, "it is in the library");
        Serve(ModelHouse.Entry);
        await pulled;

        Assert.Equal(("application/json", "success"), (context.Response.ContentType, (string?)Assert.Single(Lines(context))["status"]));
    }

    [Fact]
    public async Task What_is_served_already_is_not_fetched()
    {
        await using var house = await ModelHouse.BuildAsync(TinyGguf.Chat().ToArray());
        Serve("qwen3-0.6b");
        var (context, pulled) = Pull(house, "qwen3:0.6b", streams: true);
        await pulled;

        Assert.Equal("success", (string?)Assert.Single(Lines(context))["status"]);
        Assert.Empty(house.Library.Current.Models);
    }

    [Theory]
    [InlineData("hf:owner/repository/tiny.gguf")]
    [InlineData("unheard-of")]
    [InlineData("/etc/passwd")]
    public async Task What_the_catalogue_has_not_takes_an_admin(string name)
    {
        await using var house = await ModelHouse.BuildAsync(TinyGguf.Chat().ToArray());
        var (context, pulled) = Pull(house, name, streams: true);
        await pulled;

        Assert.Equal(404, context.Response.StatusCode);
        Assert.Contains(ModelHouse.Entry, (string?)Assert.Single(Lines(context))["error"], StringComparison.Ordinal);
        Assert.Empty(house.Library.Current.Models);
    }

    [Fact]
    public async Task An_admin_brings_whatever_there_is()
    {
        await using var house = await ModelHouse.BuildAsync(TinyGguf.Chat().ToArray());
        var (context, pulled) = Pull(house, "hf:owner/repository/tiny.gguf", streams: true, isAdmin: true);
        await Eventually.TrueAsync(() => !house.Library.Current.Models.IsEmpty, "it is in the library");
        Serve(house.Library.Current.Models[0].Id);
        await pulled;

        Assert.Equal("success", (string?)Lines(context)[^1]["status"]);
    }

    [Fact]
    public async Task What_goes_wrong_on_the_way_is_the_last_line()
    {
        await using var house = await ModelHouse.BuildAsync(TinyGguf.Chat().ToArray());
        house.Offline = true;
        var (context, pulled) = Pull(house, ModelHouse.Entry, streams: true);
        await pulled;

        Assert.Contains("offline", (string?)Lines(context)[^1]["error"], StringComparison.OrdinalIgnoreCase);
    }

    private (DefaultHttpContext Context, Task Pulled) Pull(ModelHouse house, string name, bool streams, bool isAdmin = false)
    {
        var context = new DefaultHttpContext();
        context.Response.Body = new MemoryStream();
        return (context, new OllamaPull(_fleet, house.Pulls, () => house.Catalog).ServeAsync(context, name, streams, isAdmin));
    }

    private void Serve(string id) => _fleet.Set(new ServedModel(id, ModelAbilities.Chat, new ModelAvailability.Asleep(), [], 512, false, DateTimeOffset.UnixEpoch));

    private static JsonNode[] Lines(DefaultHttpContext context) =>
        [.. Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
}
