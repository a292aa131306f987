using Helix.Core.Models;
using Helix.Install;

namespace Helix.Tests.Install;

public sealed class HubTests : IAsyncLifetime
{
    private static readonly ModelSource.Hub s_source = new("owner/repo", "sub/file name.gguf");

    private readonly byte[] _file = [1, 2, 3];
    private HubStandIn _standIn = null!;
    private Web _web = null!;
    private Hub _hub = null!;

    public async ValueTask InitializeAsync()
    {
        _standIn = await HubStandIn.StartAsync();
        _standIn.Files["owner/repo/sub/file name.gguf"] = _file;
        _web = new Web(new DownloadOptions(() => false, () => []), TimeProvider.System);
        _hub = new Hub(_web, () => _standIn.Url);
    }

    public async ValueTask DisposeAsync()
    {
        _web.Dispose();
        await _standIn.DisposeAsync();
    }

    [Fact]
    public async Task The_hub_declares_commit_length_and_digest()
    {
        var found = Assert.IsType<HubAnswer.Found>(await FindAsync(s_source));

        Assert.Equal((HubStandIn.Commit, 3L, HubStandIn.Digest(_file)), (found.Commit, found.Bytes, found.Sha256));
        Assert.EndsWith($"owner/repo/resolve/{HubStandIn.Commit}/sub/file%20name.gguf", found.Url.AbsoluteUri, StringComparison.Ordinal);
        Assert.Equal("HEAD", Assert.Single(_standIn.Requests).Method);
    }

    [Fact]
    public async Task A_hub_without_digests_is_believed_with_what_the_user_says()
    {
        _standIn.DeclaresDigest = false;

        Assert.Null(Assert.IsType<HubAnswer.Found>(await FindAsync(s_source)).Sha256);
        Assert.Equal("abc", Assert.IsType<HubAnswer.Found>(await FindAsync(s_source with { Sha256 = "abc" })).Sha256);
    }

    [Fact]
    public async Task A_file_that_was_replaced_under_its_name_is_refused_before_it_is_fetched()
    {
        var failure = Assert.IsType<HubAnswer.Failed>(await FindAsync(s_source with { Sha256 = new string('0', 64) })).Failure;

        Assert.Equal(DownloadTrouble.Tampered, failure.Trouble);
    }

    [Theory]
    [InlineData(401, "GatedRepo", DownloadTrouble.Denied, "is gated")]
    [InlineData(403, "GatedRepo", DownloadTrouble.Denied, "is gated")]
    [InlineData(401, "RepoNotFound", DownloadTrouble.NotFound, "or it is private")]
    [InlineData(404, "RevisionNotFound", DownloadTrouble.NotFound, "no revision main")]
    [InlineData(404, "EntryNotFound", DownloadTrouble.NotFound, "no file sub/file name.gguf")]
    [InlineData(401, null, DownloadTrouble.Denied, "private, gated or not there")]
    [InlineData(403, null, DownloadTrouble.Denied, "without a token")]
    [InlineData(500, null, DownloadTrouble.Server, "HTTP 500")]
    public async Task Each_refusal_is_explained(int status, string? code, object trouble, string words)
    {
        Assert.SkipWhen(Hub.Token is not null, "HF_TOKEN is set here");
        _standIn.Refusal = (status, code);

        var failure = Assert.IsType<HubAnswer.Failed>(await FindAsync(s_source)).Failure;

        Assert.Equal((DownloadTrouble)trouble, failure.Trouble);
        Assert.Contains(words, failure.Reason, StringComparison.Ordinal);
        Assert.NotEmpty(failure.Remedy);
    }

    [Fact]
    public async Task A_hub_that_swallows_packets_is_recognised_within_five_seconds()
    {
        // an address that no network routes (RFC 5737)
        var hub = new Hub(_web, () => new Uri("http://192.0.2.1/"));
        var began = TimeProvider.System.GetTimestamp();

        var failure = Assert.IsType<HubAnswer.Failed>(await hub.FindAsync(s_source, TestContext.Current.CancellationToken)).Failure;

        Assert.Equal(DownloadTrouble.Unreachable, failure.Trouble);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0, 10);
    }

    private Task<HubAnswer> FindAsync(ModelSource.Hub source) => _hub.FindAsync(source, TestContext.Current.CancellationToken);
}
