using System.Net;
using System.Net.Sockets;
using Helix.Install;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Install;

public sealed class DownloadsTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("helix-test-").FullName;
    private readonly byte[] _file = Enumerable.Range(0, 300_000).Select(i => (byte)(i * 31 >> 3)).ToArray();
    private readonly List<string> _mirrors = [];
    private readonly List<DownloadProgress> _reports = [];
    private bool _offline;
    private HubStandIn _hub = null!;
    private Web _web = null!;
    private Downloads _downloads = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await HubStandIn.StartAsync();
        _hub.Files["file.gguf"] = _file;
        _web = new Web(new DownloadOptions(() => _offline, () => _mirrors), _time);
        _downloads = new Downloads(_web, _time);
    }

    public async ValueTask DisposeAsync()
    {
        _web.Dispose();
        await _hub.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Target => Path.Combine(_folder, "whole.gguf");

    private DownloadRequest Request => new(new Uri(_hub.Url, "file.gguf"), Target, _file.Length, HubStandIn.Digest(_file));

    [Fact]
    public async Task A_file_arrives_whole_and_verified_and_leaves_nothing_beside_it()
    {
        await ArrivesAsync(Request);

        Assert.Equal([Target], Directory.GetFiles(_folder));
        Assert.Equal(_file.Length, _reports[^1].DoneBytes);
    }

    [Fact]
    public async Task A_broken_connection_is_continued_where_it_broke()
    {
        _hub.Cuts.Enqueue(100_000);
        _hub.Cuts.Enqueue(50_000);

        await ArrivesAsync(Request, waits: true);

        Assert.Equal([null, "bytes=100000-", "bytes=150000-"], _hub.Requests.Select(seen => seen.Range));
        Assert.All(_hub.Requests.Skip(1), seen => Assert.Equal(_hub.ETag, seen.IfRange));
        Assert.Contains(_reports, report => report.Note is not null);
    }

    [Fact]
    public async Task A_file_that_changed_in_between_is_fetched_from_the_beginning()
    {
        _hub.Cuts.Enqueue(100_000);
        var fetch = _downloads.FetchAsync(Request with { Sha256 = null, Bytes = null }, Keep, Stop);
        await Eventually.TrueAsync(() => Last?.Note is not null, "the connection broke");
        var newer = _file.Reverse().ToArray();
        _hub.Files["file.gguf"] = newer;
        _hub.ETag = "\"two\"";

        await AdvanceUntilAsync(fetch);

        Assert.IsType<DownloadResult.Done>(await fetch);
        Assert.Equal(newer, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task What_was_left_by_an_earlier_run_is_continued_and_hashed_again()
    {
        await CancelledAfterAsync(1000);
        _hub.Requests.Clear();

        await ArrivesAsync(Request);

        Assert.Equal("bytes=1000-", Assert.Single(_hub.Requests).Range);
    }

    [Fact]
    public async Task A_spoilt_part_is_noticed_and_fetched_once_more_from_the_beginning()
    {
        await CancelledAfterAsync(1000);
        File.WriteAllBytes(PartFile.PathFor(Target), new byte[1000]);

        await ArrivesAsync(Request);
    }

    [Fact]
    public async Task Without_a_strong_tag_and_without_a_digest_nothing_is_continued()
    {
        _hub.ETag = "";
        await CancelledAfterAsync(1000);
        _hub.Requests.Clear();

        await ArrivesAsync(Request with { Sha256 = null });

        Assert.Null(Assert.Single(_hub.Requests).Range);
    }

    [Fact]
    public async Task A_server_without_ranges_starts_over()
    {
        _hub.Ranges = false;
        _hub.Cuts.Enqueue(100_000);

        await ArrivesAsync(Request, waits: true);
    }

    [Fact]
    public async Task A_length_need_not_be_known()
    {
        _hub.HasLength = false;

        await ArrivesAsync(Request with { Bytes = null, Sha256 = null });
    }

    [Fact]
    public async Task Another_content_than_declared_is_thrown_away()
    {
        _hub.Tampered = [.. _file[..^1], (byte)(_file[^1] ^ 1)];

        var failure = await FailsAsync(Request, DownloadTrouble.Tampered);

        Assert.Contains("digest", failure.Reason, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task Another_length_than_declared_is_refused_before_it_is_fetched() =>
        Assert.Contains("300000 bytes", (await FailsAsync(Request with { Bytes = 299_999 }, DownloadTrouble.Tampered)).Reason, StringComparison.Ordinal);

    [Theory]
    [InlineData(404, DownloadTrouble.NotFound)]
    [InlineData(401, DownloadTrouble.Denied)]
    [InlineData(403, DownloadTrouble.Denied)]
    [InlineData(418, DownloadTrouble.Server)]
    public async Task A_refusal_is_explained_and_not_repeated(int status, object trouble)
    {
        _hub.Statuses.Enqueue(status);

        await FailsAsync(Request, (DownloadTrouble)trouble);

        Assert.Single(_hub.Requests);
    }

    [Fact]
    public async Task A_busy_server_is_asked_again_later()
    {
        _hub.Statuses.Enqueue(503);
        _hub.Statuses.Enqueue(429);

        await ArrivesAsync(Request, waits: true);
    }

    [Fact]
    public async Task A_server_that_only_breaks_off_is_given_up_and_the_part_is_kept()
    {
        _hub.Cuts.Enqueue(5_000);
        for (var i = 0; i < 20; i++) _hub.Cuts.Enqueue(0);

        var fetch = _downloads.FetchAsync(Request, Keep, Stop);
        await AdvanceUntilAsync(fetch);

        Assert.Equal(DownloadTrouble.Interrupted, Assert.IsType<DownloadResult.Failed>(await fetch).Trouble);
        Assert.Equal(5_000, new FileInfo(PartFile.PathFor(Target)).Length);
        Assert.InRange(_hub.Requests.Count, 3, 8);
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_asked_again()
    {
        _hub.Hold = new TaskCompletionSource();
        var fetch = _downloads.FetchAsync(Request, Keep, Stop);
        await Eventually.TrueAsync(() => Last?.DoneBytes == 1000, "the first bytes");
        _hub.Hold = null;
        _time.Advance(TimeSpan.FromSeconds(30));

        await AdvanceUntilAsync(fetch);

        Assert.IsType<DownloadResult.Done>(await fetch);
        Assert.Contains(_reports, report => report.Note?.Contains("has sent nothing for 30 s", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Cancelling_keeps_what_has_arrived() => await CancelledAfterAsync(1000);

    [Fact]
    public async Task Offline_opens_no_socket()
    {
        _offline = true;

        await FailsAsync(Request, DownloadTrouble.Offline);

        Assert.Empty(_hub.Requests);
    }

    [Fact]
    public async Task An_address_where_nobody_listens_is_said_at_once()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        var failure = await FailsAsync(Request with { Url = new Uri($"http://127.0.0.1:{port}/file.gguf") }, DownloadTrouble.Unreachable);

        Assert.Contains("cannot be reached", failure.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mirrors_are_asked_instead()
    {
        _mirrors.Add($"https://models.invalid={_hub.Url.AbsoluteUri}");

        await ArrivesAsync(Request with { Url = new Uri("https://models.invalid/file.gguf") });
    }

    [Fact]
    public async Task A_token_never_follows_a_redirect_to_another_host()
    {
        await using var other = await HubStandIn.StartAsync();
        other.Files["file.gguf"] = _file;
        _hub.Files["o/r/file.gguf"] = _file;
        _hub.StoreAddress = _ => new Uri(other.Url, "file.gguf").AbsoluteUri;

        await ArrivesAsync(Request with { Url = new Uri(_hub.Url, "o/r/resolve/main/file.gguf"), Token = "secret" });

        Assert.Equal("Bearer secret", Assert.Single(_hub.Requests).Authorization);
        Assert.Null(Assert.Single(other.Requests).Authorization);
    }

    [Theory]
    [InlineData("https://a.example/", "https://b.example/", true)]
    [InlineData("http://a.example/", "http://b.example/", true)]
    [InlineData("https://127.0.0.1/", "http://127.0.0.1/", true)]
    [InlineData("https://a.example/", "http://b.example/", false)]
    [InlineData("https://a.example/", "http://127.0.0.1/", false)]
    [InlineData("https://a.example/", "file:///etc/passwd", false)]
    public void A_redirect_is_followed_only_to_where_it_is_as_safe(string from, string to, bool follows) => Assert.Equal(follows, Web.MayFollow(new Uri(from), new Uri(to)));

    [Fact]
    public async Task A_redirect_in_circles_ends()
    {
        _hub.Files["o/r/file.gguf"] = _file;
        _hub.StoreAddress = _ => "/o/r/resolve/main/file.gguf";

        await FailsAsync(Request with { Url = new Uri(_hub.Url, "o/r/resolve/main/file.gguf") }, DownloadTrouble.Server);
    }

    [Fact]
    public async Task Two_who_write_the_same_file_do_not_mix()
    {
        _hub.Hold = new TaskCompletionSource();
        var first = _downloads.FetchAsync(Request, Keep, Stop);
        await Eventually.TrueAsync(() => Last?.DoneBytes == 1000, "the first bytes");

        await FailsAsync(Request, DownloadTrouble.Disk);

        _hub.Hold.SetResult();
        Assert.IsType<DownloadResult.Done>(await first);
        Assert.Equal(_file, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_a_failure_and_not_an_exception()
    {
        var blocked = Path.Combine(_folder, "blocked");
        File.WriteAllText(blocked, "a file where a folder is wanted");

        await FailsAsync(Request with { Target = Path.Combine(blocked, "x.gguf") }, DownloadTrouble.Disk);
    }

    private void Keep(DownloadProgress progress)
    {
        lock (_reports) _reports.Add(progress);
    }

    private async Task ArrivesAsync(DownloadRequest request, bool waits = false)
    {
        var fetch = _downloads.FetchAsync(request, Keep, Stop);
        if (waits) await AdvanceUntilAsync(fetch);
        var result = await fetch;

        Assert.Equal(new DownloadResult.Done(Target, _file.Length, HubStandIn.Digest(_file)), result);
        Assert.Equal(_file, File.ReadAllBytes(Target));
    }

    private async Task<DownloadResult.Failed> FailsAsync(DownloadRequest request, DownloadTrouble trouble)
    {
        var failure = Assert.IsType<DownloadResult.Failed>(await _downloads.FetchAsync(request, Keep, Stop));
        Assert.Equal(trouble, failure.Trouble);
        Assert.NotEmpty(failure.Remedy);
        return failure;
    }

    private async Task CancelledAfterAsync(int bytes)
    {
        _hub.Hold = new TaskCompletionSource();
        using var cancel = new CancellationTokenSource();
        var fetch = _downloads.FetchAsync(Request, Keep, cancel.Token);
        await Eventually.TrueAsync(() => File.Exists(PartFile.PathFor(Target)) && new FileInfo(PartFile.PathFor(Target)).Length == bytes, "the first bytes");
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
        _hub.Hold = null;
        Assert.Equal(bytes, new FileInfo(PartFile.PathFor(Target)).Length);
        Assert.False(File.Exists(Target));
    }

    /// <summary>Lets the time pass whenever the download waits before it tries again, until it is done.</summary>
    private async Task AdvanceUntilAsync(Task task) => await Eventually.TrueAsync(
        () =>
        {
            if (Last?.Note is not null) _time.Advance(TimeSpan.FromSeconds(1));
            return task.IsCompleted;
        },
        "the download ends");

    private DownloadProgress? Last
    {
        get
        {
            lock (_reports) return _reports.LastOrDefault();
        }
    }
}
