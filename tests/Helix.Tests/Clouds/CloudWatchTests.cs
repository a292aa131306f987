using Helix.Clouds;
using Helix.Core.Clouds;
using Helix.Core.Configuration;
using Helix.Fleet;
using Helix.Manifests;
using Helix.Tests.Clouds.Fakes;
using Helix.Tests.Fakes;
using Helix.Tests.Tuning;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Clouds;

public sealed class CloudWatchTests : IAsyncDisposable
{
    private const string Key = "sk-secret-1";

    private readonly TemporaryHome _temporary = new();
    private readonly FixedConfig _config = new();
    private readonly FakeCloud _cloud;
    private readonly AttachLook _attachLook = new(TimeProvider.System);
    private readonly CloudLook _look;
    private readonly AttachWatch _attached;
    private readonly CloudDial _dial;
    private readonly RefusedKeys _keys = new(NullLogger<RefusedKeys>.Instance);
    private CloudWatch _watch;
    private string _list = """{"data":[{"id":"small"},{"id":"large"}]}""";
    private string _more = "";
    private int _status = 200;

    public CloudWatchTests()
    {
        _cloud = new FakeCloud(talk => talk.JsonAsync(
            talk.Head.Contains("after_id=", StringComparison.Ordinal) ? _more : _list,
            talk.Head.Contains($"Authorization: Bearer {Key}", StringComparison.Ordinal) || (talk.Head.Contains($"x-api-key: {Key}", StringComparison.Ordinal) && talk.Head.Contains("anthropic-version: 2023-06-01", StringComparison.Ordinal)) ? _status : 401));
        _dial = new CloudDial(FakeCloud.Trust, CloudProxies.None, () => _config.Current);
        _look = new CloudLook(FakeCloud.Trust, _dial, TimeProvider.System);
        _attached = new AttachWatch(
            new AttachBook(_temporary.Home), _attachLook, new ManifestShelf(_temporary.Home), _config, new EngineBook(_temporary.Home), new OwnPorts([4359]), new FakeTimeProvider(), NullLogger<AttachWatch>.Instance);
        _watch = NewWatch();
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Url => _cloud.Address.Url;

    private string BookFile => Path.Combine(_temporary.Home.State, "clouds.json");

    public async ValueTask DisposeAsync()
    {
        _watch.Dispose();
        _attached.Dispose();
        _look.Dispose();
        _attachLook.Dispose();
        await _cloud.DisposeAsync();
        _temporary.Dispose();
    }

    [Fact]
    public async Task One_is_asked_for_its_models_and_remembered_with_its_key_sealed()
    {
        var done = Assert.IsType<CloudOutcome.Done>(await AddAsync());

        Assert.Equal(("localhost", Url, Key), (done.Cloud.Id, done.Cloud.Address.Url, done.Cloud.Key?.Reveal()));
        Assert.Equal(["large", "small"], done.Cloud.Models.Select(model => model.Id));
        Assert.StartsWith("GET /base/v1/models HTTP/1.1\r\n", _cloud.Requests.Single().Head, StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(_temporary.Home.State))
        {
            Assert.DoesNotContain(Key, await File.ReadAllTextAsync(file, Cancelled), StringComparison.Ordinal);
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        _watch.Dispose();
        _watch = NewWatch();
        _watch.Recall();
        Assert.True(done.Cloud.LooksLike(Assert.Single(_watch.Current.Clouds)));
    }

    [Fact]
    public async Task One_that_speaks_Anthropics_words_is_asked_in_them_page_by_page()
    {
        _list = """{"data":[{"type":"model","id":"claude-b"}],"has_more":true,"last_id":"claude b"}""";
        _more = """{"data":[{"type":"model","id":"claude-a"}],"has_more":false,"last_id":"claude-a"}""";

        var done = Assert.IsType<CloudOutcome.Done>(await AddAsync(speaks: "anthropic"));

        Assert.Equal((CloudWords.Anthropic, "claude-a", "claude-b"), (done.Cloud.Words, done.Cloud.Models[0].Id, done.Cloud.Models[1].Id));
        Assert.Equal(["GET /base/v1/models?limit=1000 HTTP/1.1", "GET /base/v1/models?limit=1000&after_id=claude%20b HTTP/1.1"], _cloud.Requests.Select(talk => talk.Head.Split("\r\n")[0]));
        Assert.DoesNotContain(_cloud.Requests, talk => talk.Head.Contains("Authorization", StringComparison.Ordinal));

        _watch.Dispose();
        _watch = NewWatch();
        _watch.Recall();
        Assert.Equal(CloudWords.Anthropic, Assert.Single(_watch.Current.Clouds).Words);
        // another key for it does not change what it speaks, nor does it say what another one at the same address does
        Assert.Equal(CloudWords.Anthropic, Assert.IsType<CloudOutcome.Done>(await AddAsync()).Cloud.Words);
        Assert.Equal(CloudWords.OpenAi, Assert.IsType<CloudOutcome.Done>(await AddAsync(name: "other")).Cloud.Words);
    }

    [Fact]
    public async Task A_page_that_does_not_come_makes_no_list()
    {
        (_list, _more) = ("""{"data":[{"id":"claude-b"}],"has_more":true,"last_id":"claude-b"}""", "<html>");

        Assert.Contains("gives no list of models", Assert.IsType<CloudOutcome.Refused>(await AddAsync(speaks: "anthropic")).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_that_nobody_speaks_are_refused()
    {
        Assert.Equal("invalid", Assert.IsType<CloudOutcome.Refused>(await AddAsync(speaks: "latin")).Code);
        Assert.Empty(_cloud.Requests);
    }

    [Fact]
    public async Task Without_the_file_of_the_key_it_is_there_and_asks_for_its_key()
    {
        await AddAsync();
        File.Delete(Path.Combine(_temporary.Home.State, "cloud.key"));
        _watch.Dispose();
        _watch = NewWatch();

        _watch.Recall();

        Assert.Null(Assert.Single(_watch.Current.Clouds).Key);
        Assert.IsType<CloudOutcome.Done>(await AddAsync());
        Assert.Equal(Key, Assert.Single(_watch.Current.Clouds).Key?.Reveal());
    }

    [Fact]
    public async Task A_key_that_is_not_accepted_is_not_kept()
    {
        var refused = Assert.IsType<CloudOutcome.Refused>(await AddAsync(key: "sk-other"));

        Assert.Contains("does not accept this key", refused.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-other", $"{refused}", StringComparison.Ordinal);
        Assert.False(File.Exists(BookFile));
    }

    [Theory]
    [InlineData("", "cannot be a key")]
    [InlineData("two words", "cannot be a key")]
    [InlineData("sk-\r\nx: y", "cannot be a key")]
    public async Task What_can_be_no_key_is_not_sent(string key, string reason)
    {
        Assert.Contains(reason, Assert.IsType<CloudOutcome.Refused>(await AddAsync(key: key)).Reason, StringComparison.Ordinal);
        Assert.Empty(_cloud.Requests);
    }

    [Fact]
    public async Task Models_that_are_named_are_the_only_ones_whatever_is_listed()
    {
        (_list, _status) = ("no list here", 404);
        Assert.Contains("gives no list of models (status 404)", Assert.IsType<CloudOutcome.Refused>(await AddAsync()).Reason, StringComparison.Ordinal);

        var done = Assert.IsType<CloudOutcome.Done>(await AddAsync(models: ["b", "a", "b"]));
        (_list, _status) = ("""{"data":[{"id":"c"}]}""", 200);
        await _watch.LookAsync(Cancelled);

        Assert.Equal(["b", "a"], done.Cloud.Models.Select(model => model.Id));
        Assert.Equal(["b", "a"], Assert.Single(_watch.Current.Clouds).Models.Select(model => model.Id));
    }

    [Fact]
    public async Task One_whose_name_a_provider_has_by_now_is_told_of_and_not_used()
    {
        await AddAsync(name: "mine");
        await File.WriteAllTextAsync(BookFile, (await File.ReadAllTextAsync(BookFile, Cancelled)).Replace("\"mine\"", "\"vllm\"", StringComparison.Ordinal), Cancelled);
        _watch.Dispose();
        _watch = NewWatch();

        _watch.Recall();

        Assert.True(_watch.IsHidden(Assert.Single(_watch.Current.Clouds)));
        Assert.Empty(_watch.Used);
        Assert.IsType<CloudOutcome.Done>(await _watch.RemoveAsync("vllm", Cancelled));
    }

    [Fact]
    public async Task A_key_that_the_cloud_takes_no_longer_is_seen_at_the_next_look()
    {
        await AddAsync();
        _status = 401;
        await _watch.LookAsync(Cancelled);
        Assert.True(_watch.IsKeyRefused(Assert.Single(_watch.Current.Clouds)));

        _status = 503;
        await _watch.LookAsync(Cancelled);
        Assert.True(_watch.IsKeyRefused(Assert.Single(_watch.Current.Clouds)));

        _status = 200;
        await _watch.LookAsync(Cancelled);
        Assert.False(_watch.IsKeyRefused(Assert.Single(_watch.Current.Clouds)));
    }

    [Fact]
    public async Task Its_list_is_followed_and_a_list_that_does_not_come_changes_nothing()
    {
        await AddAsync();
        _list = """{"data":[{"id":"larger"}]}""";
        await _watch.LookAsync(Cancelled);
        Assert.Equal(["larger"], Assert.Single(_watch.Current.Clouds).Models.Select(model => model.Id));

        _list = """{"data":[{"id":"\ud800"}]}""";
        await _watch.LookAsync(Cancelled);
        _status = 500;
        _list = """{"data":[]}""";
        await _watch.LookAsync(Cancelled);

        Assert.Equal(["larger"], Assert.Single(_watch.Current.Clouds).Models.Select(model => model.Id));
    }

    [Fact]
    public async Task Another_key_for_the_same_address_replaces_the_first_and_another_name_stands_beside()
    {
        await AddAsync(name: "work");
        Assert.Equal("work", Assert.IsType<CloudOutcome.Done>(await AddAsync()).Cloud.Id);
        Assert.IsType<CloudOutcome.Done>(await AddAsync(name: "home"));
        Assert.Equal(["home", "work"], _watch.Current.Clouds.Select(cloud => cloud.Id));

        Assert.IsType<CloudOutcome.Done>(await _watch.RemoveAsync("work", Cancelled));

        Assert.Equal(["home"], _watch.Current.Clouds.Select(cloud => cloud.Id));
        Assert.Equal("not_found", Assert.IsType<CloudOutcome.Refused>(await _watch.RemoveAsync("work", Cancelled)).Code);
    }

    [Theory]
    [InlineData("builtin", "conflict")]
    [InlineData("vllm", "conflict")]
    [InlineData("cache", "conflict")]
    [InlineData("Has Capitals", "invalid")]
    public async Task A_name_that_means_something_else_is_not_taken(string name, string code) =>
        Assert.Equal(code, Assert.IsType<CloudOutcome.Refused>(await AddAsync(name: name)).Code);

    [Fact]
    public async Task What_is_neither_known_nor_an_address_is_named()
    {
        var refused = Assert.IsType<CloudOutcome.Refused>(await _watch.AddAsync("opnai", Key, null, null, null, Cancelled));

        Assert.Contains("openai, anthropic, gemini", refused.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offline_nothing_is_asked()
    {
        _config.Current = HelixConfig.Default with { Network = new NetworkConfig(Offline: true) };

        Assert.Equal("offline", Assert.IsType<CloudOutcome.Refused>(await AddAsync()).Code);
        Assert.Empty(_cloud.Requests);
    }

    [Fact]
    public async Task One_that_cannot_be_reached_says_why()
    {
        await _cloud.DisposeAsync();

        var refused = Assert.IsType<CloudOutcome.Refused>(await AddAsync());

        Assert.Equal("unreachable", refused.Code);
        Assert.Contains("cannot be reached", refused.Reason, StringComparison.Ordinal);
    }

    private CloudWatch NewWatch() => new(
        new CloudBook(_temporary.Home), new CloudSeal(_temporary.Home), _look, _dial, _keys, _attached, new ManifestShelf(_temporary.Home), new FakeTimeProvider(), NullLogger<CloudWatch>.Instance);

    private Task<CloudOutcome> AddAsync(string key = Key, string? name = null, string[]? models = null, string? speaks = null) => _watch.AddAsync(Url, key, name, models, speaks, Cancelled);
}
