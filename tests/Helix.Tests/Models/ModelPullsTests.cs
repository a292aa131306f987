using Helix.Contracts;
using Helix.Core.Tests.Models;
using Helix.Models;
using Helix.Tests.Install;

namespace Helix.Tests.Models;

public sealed class ModelPullsTests : IAsyncLifetime
{
    private readonly byte[] _model = TinyGguf.Chat().ToArray();
    private ModelHouse _house = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _house = await ModelHouse.BuildAsync(_model);
        await _house.Library.OpenAsync(Stop);
    }

    public ValueTask DisposeAsync() => _house.DisposeAsync();

    [Fact]
    public async Task A_name_of_the_catalogue_is_fetched_verified_and_named()
    {
        var events = new List<PullEvent>();

        var model = Assert.IsType<LibraryOutcome.Added>(await _house.Pulls.PullAsync(ModelHouse.Entry, null, events.Add, Stop)).Model;

        Assert.Equal(("tiny", HubStandIn.Digest(_model), $"hf:owner/repository/tiny.gguf@{HubStandIn.Commit}"), (model.Id, model.Sha256, model.Source));
        Assert.Equal(["resolving", "downloading", "verifying"], events.Select(happened => happened.Phase).Distinct());
        Assert.Equal(_model, File.ReadAllBytes(model.Path));
        Assert.Empty(Directory.GetFiles(_house.Folder.Partial));
    }

    [Fact]
    public async Task A_file_of_the_hub_remembers_the_commit_and_gets_the_wanted_name()
    {
        var model = Assert.IsType<LibraryOutcome.Added>(await PullAsync("hf:owner/repository/tiny.gguf", "mine")).Model;

        Assert.Equal(("mine", $"hf:owner/repository/tiny.gguf@{HubStandIn.Commit}"), (model.Id, model.Source));
    }

    [Fact]
    public async Task An_address_without_a_digest_is_taken_and_that_is_said()
    {
        _house.HubStandIn.Files["plain/tiny.gguf"] = _model;

        var added = Assert.IsType<LibraryOutcome.Added>(await PullAsync(new Uri(_house.Endpoint, "plain/tiny.gguf").AbsoluteUri));

        Assert.Contains("nobody declared a digest", added.Note, StringComparison.Ordinal);
        Assert.Equal(HubStandIn.Digest(_model), added.Model.Sha256);
    }

    [Fact]
    public async Task What_is_there_is_not_fetched_again()
    {
        await PullAsync(ModelHouse.Entry);
        var before = _house.HubStandIn.Downloads;

        Assert.IsType<LibraryOutcome.Added>(await PullAsync("hf:owner/repository/tiny.gguf"));

        Assert.Equal(before, _house.HubStandIn.Downloads);
    }

    [Fact]
    public async Task Two_who_want_the_same_share_one_download()
    {
        _house.HubStandIn.Hold = new TaskCompletionSource();
        var first = PullAsync(ModelHouse.Entry);
        await Eventually.TrueAsync(() => _house.HubStandIn.Downloads == 1, "the first download");
        using var leaving = new CancellationTokenSource();
        var second = _house.Pulls.PullAsync($"hf:owner/repository/tiny.gguf@{HubStandIn.Commit}", null, _ => { }, Stop);
        var third = _house.Pulls.PullAsync(ModelHouse.Entry, null, _ => { }, leaving.Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third);

        _house.HubStandIn.Hold.SetResult();

        Assert.Equal(await first, await second);
        Assert.Equal(1, _house.HubStandIn.Downloads);
    }

    [Fact]
    public async Task When_all_have_gone_the_download_ends_and_the_next_one_continues_it()
    {
        _house.HubStandIn.Hold = new TaskCompletionSource();
        using var leaving = new CancellationTokenSource();
        var pull = _house.Pulls.PullAsync(ModelHouse.Entry, null, _ => { }, leaving.Token);
        await Eventually.TrueAsync(() => Directory.GetFiles(_house.Folder.Partial, "*.part").Any(part => new FileInfo(part).Length == 1000), "the first bytes");
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pull);
        _house.HubStandIn.Hold = null;

        Assert.IsType<LibraryOutcome.Added>(await PullAsync(ModelHouse.Entry));

        Assert.Contains(_house.HubStandIn.Requests, seen => seen.Range == "bytes=1000-");
    }

    [Fact]
    public async Task All_parts_of_a_split_model_are_fetched()
    {
        for (var i = 0; i < 3; i++)
        {
            _house.HubStandIn.Files[$"owner/repository/q/big-0000{i + 1}-of-00003.gguf"] =
                i == 0 ? TinyGguf.Chat().UInt16("split.no", 0).UInt16("split.count", 3).ToArray() : TinyGguf.Part(i, 3).ToArray();
        }

        var model = Assert.IsType<LibraryOutcome.Added>(await PullAsync("hf:owner/repository/q/big-00001-of-00003.gguf")).Model;

        Assert.Equal(("big", 3), (model.Id, model.Facts.Parts));
        Assert.Equal(3, Directory.GetFiles(Path.GetDirectoryName(model.Path)!).Length);
    }

    [Fact]
    public async Task A_file_that_is_no_model_gets_no_name()
    {
        _house.HubStandIn.Files["owner/repository/page.gguf"] = "<html>sorry, this is only a page and not a model</html>"u8.ToArray();

        await RefusedAsync("hf:owner/repository/page.gguf", "invalid");

        Assert.Empty(_house.Library.Current.Models);
        Assert.Empty(Directory.GetFiles(_house.Folder.Root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_tampered_file_gets_no_name_and_nothing_stays_behind()
    {
        _house.HubStandIn.Tampered = [.. _model[..^1], 1];

        await RefusedAsync(ModelHouse.Entry, "tampered");

        Assert.Empty(_house.Library.Current.Models);
        Assert.Empty(Directory.GetFiles(_house.Folder.Root, "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("nonsense", "not_found")]
    [InlineData("hf:owner/repository/none.gguf", "not_found")]
    [InlineData("hf:owner", "invalid")]
    [InlineData("http://192.0.2.1/x.gguf", "invalid")]
    public async Task What_cannot_be_had_is_refused_with_a_code(string source, string code)
    {
        await RefusedAsync(source, code);

        Assert.Empty(Directory.GetFiles(_house.Folder.Root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_slash_that_is_hidden_in_an_address_leads_nowhere()
    {
        _house.HubStandIn.Files["plain/..%2F..%2F..%2F..%2Fevil.gguf"] = _model;

        var model = Assert.IsType<LibraryOutcome.Added>(await PullAsync(_house.Endpoint.AbsoluteUri.TrimEnd('/') + "/plain/..%2F..%2F..%2F..%2Fevil.gguf")).Model;

        Assert.Equal("evil", model.Id);
        Assert.StartsWith(_house.Folder.Root, model.Path, StringComparison.Ordinal);
        Assert.All(
            Directory.GetFiles(Path.GetDirectoryName(_house.Folder.Root)!, "evil*", SearchOption.AllDirectories),
            path => Assert.StartsWith(_house.Folder.Root, path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Offline_nothing_is_asked()
    {
        _house.Offline = true;

        await RefusedAsync(ModelHouse.Entry, "offline");

        Assert.Empty(_house.HubStandIn.Requests);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_refused_before_anything_is_fetched()
    {
        await PullAsync(ModelHouse.Entry);
        _house.HubStandIn.Requests.Clear();

        Assert.Equal("conflict", Assert.IsType<LibraryOutcome.Refused>(await PullAsync("hf:owner/repository/tiny.gguf", "tiny")).Code);
        Assert.Empty(_house.HubStandIn.Requests);
    }

    private Task<LibraryOutcome> PullAsync(string source, string? name = null) => _house.Pulls.PullAsync(source, name, _ => { }, Stop);

    private async Task RefusedAsync(string source, string code)
    {
        var refused = Assert.IsType<LibraryOutcome.Refused>(await PullAsync(source));
        Assert.Equal(code, refused.Code);
        Assert.NotEmpty(refused.Remedy);
    }
}
