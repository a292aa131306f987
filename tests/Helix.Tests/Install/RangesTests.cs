using Helix.Install;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Install;

/// <summary>Big files, which come in several ranges at once.</summary>
public sealed class RangesTests : IAsyncLifetime
{
    private const int Piece = 100_000;

    private static readonly RangePlan s_plan = new(400_000, 4, Piece);

    private readonly FakeTimeProvider _time = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("helix-test-").FullName;
    private readonly byte[] _file = Enumerable.Range(0, 1_030_000).Select(i => (byte)((i * 31 >> 3) ^ (i >> 11))).ToArray();
    private readonly List<DownloadProgress> _reports = [];
    private RangeServer _server = null!;
    private Web _web = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RangeServer.StartAsync(_file);
        _web = new Web(new DownloadOptions(() => false, () => []), _time);
    }

    public async ValueTask DisposeAsync()
    {
        _web.Dispose();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_big_file_comes_in_several_ranges_at_once()
    {
        _server.Together = s_plan.AtOnce - 1;

        await ArrivesAsync(Declared);

        Assert.Single(_server.Requests, seen => !seen.Ranged);
        Assert.Equal(Enumerable.Range(1, 10).Select(i => ((long)i * Piece, (long?)Math.Min((i + 1) * Piece, _file.Length) - 1)), Ranges());
        Assert.All(_server.Requests.Where(seen => seen.Ranged), seen => Assert.Equal("\"one\"", seen.IfRange));
        Assert.Equal([Target], Directory.GetFiles(_folder));
        Assert.Equal(_file.Length, _reports[^1].DoneBytes);
    }

    [Fact]
    public async Task A_small_file_comes_as_one_stream()
    {
        await ArrivesAsync(Declared, s_plan with { FromBytes = _file.Length + 1 });

        Assert.Equal([new(0, null, false, null)], _server.Requests);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task A_file_comes_as_one_stream_where_the_server_does_not_speak_of_ranges_or_nothing_tells_that_they_fit(bool saysRanges, bool hasTag)
    {
        (_server.SaysRanges, _server.ETag) = (saysRanges, hasTag ? "\"one\"" : null);

        await ArrivesAsync(Declared with { Sha256 = null });

        Assert.Equal([new(0, null, false, null)], _server.Requests);
    }

    [Fact]
    public async Task A_digest_tells_that_ranges_fit_where_there_is_no_tag()
    {
        _server.ETag = null;

        await ArrivesAsync(Declared);

        Assert.Equal(10, Ranges().Count());
    }

    [Fact]
    public async Task A_server_that_promises_ranges_and_ignores_them_loses_nothing_of_its_stream()
    {
        _server.GivesRanges = false;

        await ArrivesAsync(Declared with { Sha256 = null });

        Assert.Single(_server.Requests, seen => !seen.Ranged);
        Assert.InRange(_server.Requests.Count, 1, s_plan.AtOnce); // the others are given up, some before they are sent
    }

    [Fact]
    public async Task A_server_that_wants_one_request_at_a_time_gets_one_at_a_time()
    {
        _server.MostAtOnce = 1;

        await ArrivesAsync(Declared);
    }

    [Fact]
    public async Task What_was_cancelled_is_continued_where_it_stood_and_what_lies_there_has_no_hole()
    {
        _server.Holds[300_000] = new TaskCompletionSource().Task;
        using var cancel = new CancellationTokenSource();
        var fetch = Begin(Declared with { Sha256 = null }, cancel.Token);
        await HasComeAsync(300_000);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
        Assert.Equal(_file[..300_000], File.ReadAllBytes(PartFile.PathFor(Target)));
        _server.Holds.Clear();
        _server.Requests.Clear();

        await ArrivesAsync(Declared with { Sha256 = null });

        Assert.Contains(new(300_000, null, true, "\"one\""), _server.Requests);
        Assert.All(_server.Requests, seen => Assert.True(seen.From >= 300_000));
        Assert.Contains(_server.Requests, seen => seen is { From: 400_000, To: 499_999 });
    }

    [Theory]
    [InlineData(300_000, 5_000)]
    [InlineData(600_000, 0)]
    public async Task A_range_that_breaks_off_is_continued_and_the_others_are_kept(int from, int cut)
    {
        _server.Cuts[from] = cut;

        await ArrivesAsync(Declared);

        Assert.Contains(((long)from + cut, from + Piece - 1), Ranges());
        Assert.Equal(11, Ranges().Count());
        Assert.Single(_server.Requests, seen => !seen.Ranged);
    }

    [Fact]
    public async Task The_stream_before_the_ranges_is_continued_as_one_of_them()
    {
        _server.Cuts[0] = 40_000;

        await ArrivesAsync(Declared);

        Assert.Contains((40_000L, Piece - 1), Ranges());
        Assert.Equal(11, Ranges().Count());
        Assert.Single(_server.Requests, seen => !seen.Ranged);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task A_file_that_changed_in_between_is_fetched_from_the_beginning(bool heedsIfRange, bool hasTag)
    {
        var newer = _file.Reverse().ToArray();
        (_server.HeedsIfRange, _server.ETag) = (heedsIfRange, hasTag ? "\"one\"" : null);
        var hold = new TaskCompletionSource();
        _server.Holds[300_000] = hold.Task;
        var fetch = Begin(Declared with { Sha256 = hasTag ? null : HubStandIn.Digest(newer) }, TestContext.Current.CancellationToken);
        await HasComeAsync(300_000);
        (_server.File, _server.ETag) = (newer, hasTag ? "\"two\"" : null);
        hold.SetResult();

        await EndsAsync(fetch);

        Assert.IsType<DownloadResult.Done>(await fetch);
        Assert.Equal(newer, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task Another_content_than_declared_is_thrown_away()
    {
        var fetch = Begin(Declared with { Sha256 = new string('0', 64) }, TestContext.Current.CancellationToken);

        await EndsAsync(fetch);

        Assert.Equal(DownloadTrouble.Tampered, Assert.IsType<DownloadResult.Failed>(await fetch).Trouble);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task What_came_ahead_of_its_turn_counts_as_progress()
    {
        var (first, later) = (new TaskCompletionSource(), new TaskCompletionSource());
        (_server.Holds[300_000], _server.Holds[600_000]) = (first.Task, later.Task);
        var fetch = Begin(Declared, TestContext.Current.CancellationToken);
        await HasComeAsync(300_000);

        _time.Advance(TimeSpan.FromSeconds(1));
        later.SetResult();
        await Eventually.TrueAsync(() => Last.DoneBytes > 300_000, "bytes behind the gap are reported");

        Assert.True(Last.BytesPerSecond > 0);
        Assert.Equal(300_000, new FileInfo(PartFile.PathFor(Target)).Length);
        first.SetResult();
        await EndsAsync(fetch);
    }

    private string Target => Path.Combine(_folder, "whole.gguf");

    private DownloadRequest Declared => new(_server.Url, Target, null, HubStandIn.Digest(_file));

    private IEnumerable<(long From, long? To)> Ranges() => _server.Requests.Where(seen => seen.Ranged).Select(seen => (seen.From, seen.To)).Order();

    private DownloadProgress Last
    {
        get
        {
            lock (_reports) return _reports[^1];
        }
    }

    private Task<DownloadResult> Begin(DownloadRequest request, CancellationToken stop, RangePlan? plan = null) => new Downloads(_web, _time, plan ?? s_plan).FetchAsync(request, Keep, stop);

    private async Task ArrivesAsync(DownloadRequest request, RangePlan? plan = null)
    {
        var fetch = Begin(request, TestContext.Current.CancellationToken, plan);
        await EndsAsync(fetch);

        Assert.Equal(new DownloadResult.Done(Target, _file.Length, HubStandIn.Digest(_file)), await fetch);
        Assert.Equal(_file, File.ReadAllBytes(Target));
    }

    /// <summary>Lets the time pass whenever the download waits before it tries again.</summary>
    private Task EndsAsync(Task fetch) => Eventually.TrueAsync(
        () => fetch.IsCompleted,
        () =>
        {
            if (Last.Note is not null) _time.Advance(TimeSpan.FromSeconds(1));
        });

    private Task HasComeAsync(int bytes) => Eventually.TrueAsync(() => File.Exists(PartFile.PathFor(Target)) && new FileInfo(PartFile.PathFor(Target)).Length == bytes, $"{bytes} bytes have come");

    private void Keep(DownloadProgress progress)
    {
        lock (_reports) _reports.Add(progress);
    }
}
