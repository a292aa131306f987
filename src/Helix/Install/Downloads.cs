using System.Net;
using System.Net.Http.Headers;
using Helix.Core.Models;

namespace Helix.Install;

/// <summary>Fetches files: continues what was begun, tries again when the connection breaks, and gives a file its name only when it is whole and verified.</summary>
internal sealed class Downloads(Web web, TimeProvider time, RangePlan? ranges = null)
{
    /// <summary>Attempts in a row that brought nothing.</summary>
    private const int MaxFruitless = 6;

    /// <summary>Where nobody says how much comes, the disk is looked at each time so much has come.</summary>
    private const long SpaceLookBytes = 64 << 20;

    private static readonly TimeSpan s_reportEvery = TimeSpan.FromMilliseconds(200);

    /// <exception cref="OperationCanceledException">Cancelled; what has arrived is kept and continued next time.</exception>
    public async Task<DownloadResult> FetchAsync(DownloadRequest request, Action<DownloadProgress> report, CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(request.Target)!;
        try
        {
            using var part = await PartFile.OpenAsync(request.Target, request.Url.AbsoluteUri, cancellationToken);
            await using var attempts = new Attempts(this, request, part, report, folder);
            return await attempts.RunAsync(cancellationToken);
        }
        catch (IOException full) when (FreeSpace.IsExhausted(full))
        {
            return FreeSpace.Exhausted(folder, Missing(request));
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            return new DownloadResult.Failed(DownloadTrouble.Disk, $"{request.Target} cannot be written: {broken.Message}", "Check that the folder belongs to you and that no other helix fetches the same file.");
        }
    }

    private static long? Missing(DownloadRequest request)
    {
        var part = new FileInfo(PartFile.PathFor(request.Target));
        return request.Bytes is { } bytes ? Math.Max(0, bytes - (part.Exists ? part.Length : 0)) : null;
    }

    /// <summary>One download, from its first attempt to its end.</summary>
    private sealed class Attempts(Downloads owner, DownloadRequest request, PartFile part, Action<DownloadProgress> report, string folder) : IAsyncDisposable
    {
        private readonly TransferRate _rate = new(owner.TimeProvider);
        private long? _total = request.Bytes;
        private bool _continued;
        private bool _received;
        private long _reported;

        /// <summary>Ranges under way; they are kept over an attempt that broke.</summary>
        private Pieces? _pieces;

        /// <summary>Ranges led nowhere: one stream from now on.</summary>
        private bool _single;

        private long Done => part.Length + (_pieces?.Waiting ?? 0);

        public async Task<DownloadResult> RunAsync(CancellationToken cancellationToken)
        {
            for (var fruitless = 0; ;)
            {
                var before = part.Length;
                report(new DownloadProgress(Done, _total, null));
                switch (await AttemptAsync(cancellationToken))
                {
                    case Attempt.Ended(DownloadResult result): return result;
                    case Attempt.Whole when Verify() is { } result: return result;
                    case Attempt.Whole or Attempt.Again: continue;
                    case Attempt.Broken(var failure, var wait):
                        fruitless = part.Length > before ? 1 : fruitless + 1;
                        if (fruitless >= MaxFruitless) return failure with { Trouble = DownloadTrouble.Interrupted, Reason = $"{failure.Reason}, {MaxFruitless} times in a row", Remedy = "Try again later: what has arrived is kept and continued." };
                        if (fruitless > MaxFruitless / 2) await GiveUpRangesAsync();
                        var delay = wait ?? TimeSpan.FromSeconds(Math.Pow(2, fruitless - 1));
                        report(new DownloadProgress(Done, _total, null, $"{failure.Reason}; trying again in {delay.TotalSeconds:0} s"));
                        await Task.Delay(delay, owner.TimeProvider, cancellationToken);
                        break;
                }
            }
        }

        public ValueTask DisposeAsync() => _pieces?.DisposeAsync() ?? ValueTask.CompletedTask;

        private async Task<Attempt> AttemptAsync(CancellationToken cancellationToken)
        {
            _rate.Reset();
            if (_total is { } declared && part.Length > declared) part.Restart();
            if (_total is { } total && FreeSpace.Refusal(folder, total - part.Length) is { } early) return new Attempt.Ended(early);
            if (_pieces is { } kept) return await JoinAsync(kept, cancellationToken);

            // bytes without a strong tag may only be continued if a digest will tell whether they fit together
            var tag = part.Note?.ETag;
            if (part.Length > 0 && tag is null && request.Sha256 is null) part.Restart();
            if (part.Length > 0 && part.Length == _total) return new Attempt.Whole();
            _continued |= part.Length > 0;

            var answer = await owner.Web.SendAsync(HttpMethod.Get, request.Url, headers => Prepare(headers, tag), request.Token, static _ => true, cancellationToken);
            if (answer is WebAnswer.Silent(var failure, var connected))
                return failure.Trouble == DownloadTrouble.Unreachable && (connected || _received) ? new Attempt.Broken(failure, null) : new Attempt.Ended(failure);

            var (response, url) = (WebAnswer.Answered)answer;
            using (response)
            {
                if ((Judge(response, url) ?? await ReceiveAsync(response, url, cancellationToken)) is { } end) return end;
            }

            return await JoinAsync(_pieces!, cancellationToken);
        }

        private void Prepare(HttpRequestHeaders headers, string? tag)
        {
            if (part.Length == 0) return;
            headers.Range = new RangeHeaderValue(part.Length, null);
            if (tag is not null) headers.IfRange = new RangeConditionHeaderValue(EntityTagHeaderValue.Parse(tag));
        }

        /// <summary>Null if bytes follow that belong behind those that are there.</summary>
        private Attempt? Judge(HttpResponseMessage response, Uri url)
        {
            var status = response.StatusCode;
            var strong = response.Headers.ETag is { IsWeak: false } tag ? tag.ToString() : null;
            var other = response.Content.Headers.ContentRange?.From != part.Length || (strong is not null && part.Note?.ETag is { } begun && strong != begun);
            if (status == HttpStatusCode.RequestedRangeNotSatisfiable || (status == HttpStatusCode.PartialContent && other))
            {
                // the file is not what it was: from the beginning, which cannot be refused for its range
                if (part.Length == 0) return new Attempt.Ended(Failures.Server(url, status));
                part.Restart();
                return new Attempt.Again();
            }

            if (status is HttpStatusCode.OK && part.Length > 0) part.Restart();
            if (status is not (HttpStatusCode.OK or HttpStatusCode.PartialContent))
                return Failures.IsPassing(status) ? new Attempt.Broken(Failures.Server(url, status), RetryAfter(response)) : new Attempt.Ended(Failures.For(url, status, request.Token is not null));

            var length = status == HttpStatusCode.PartialContent ? response.Content.Headers.ContentRange?.Length : response.Content.Headers.ContentLength;
            if (length is { } bytes && request.Bytes is { } wanted && bytes != wanted)
                return new Attempt.Ended(Failures.Tampered(url, $"{ByteCount.Words(wanted)} ({wanted} bytes) were declared and {url.Host} offers {bytes} bytes"));
            _total = request.Bytes ?? length;
            if (_total is { } total && FreeSpace.Refusal(folder, total - part.Length) is { } refusal) return new Attempt.Ended(refusal);

            part.Remember(new PartNote(request.Url.AbsoluteUri, strong, _total));
            return null;
        }

        /// <summary>Null if what follows comes in ranges.</summary>
        private async Task<Attempt?> ReceiveAsync(HttpResponseMessage response, Uri url, CancellationToken cancellationToken)
        {
            var buffer = new byte[1 << 17];
            using var body = new AnswerBody(response, url, owner.TimeProvider, cancellationToken);
            _pieces = BeginRanges(response, cancellationToken);
            while (true)
            {
                if (part.Length == _pieces?.From)
                {
                    if (await _pieces.OpenAsync()) return null;
                    await GiveUpRangesAsync();
                }

                var room = _pieces is null ? buffer.Length : (int)Math.Min(buffer.Length, _pieces.From - part.Length);
                var (read, failure) = await body.ReadAsync(buffer.AsMemory(0, room));
                if (failure is not null) return Break(failure);
                if (read == 0) break;
                if (request.Most is { } limit && part.Length + read > limit) return new Attempt.Ended(Discard(Failures.Tampered(url, $"more than {ByteCount.Words(limit)} arrived, and no such file is larger")));
                if (_total is null && part.Length / SpaceLookBytes != (part.Length + read) / SpaceLookBytes && FreeSpace.Refusal(folder, SpaceLookBytes) is { } full) return new Attempt.Ended(Discard(full));
                if (_total is { } most && part.Length + read > most) return new Attempt.Ended(Discard(Failures.Tampered(url, $"more than the declared {most} bytes arrived")));
                await part.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                _received = true;
                Report();
            }

            return _total is { } total && part.Length < total ? Break(Failures.Broken(url)) : new Attempt.Whole();
        }

        /// <summary>Null if this file is better fetched, or can only be fetched, as a single stream.</summary>
        private Pieces? BeginRanges(HttpResponseMessage response, CancellationToken cancellationToken)
        {
            var (plan, tag) = (owner.Ranges, part.Note?.ETag);
            if (_single || _total is not { } total || total - part.Length < plan.FromBytes || total - part.Length <= plan.PieceBytes) return null;
            if (response.StatusCode != HttpStatusCode.PartialContent && !response.Headers.AcceptRanges.Contains("bytes")) return null;
            if (tag is null && request.Sha256 is null) return null;
            _continued = true;
            return new Pieces(new PieceSource(owner.Web, owner.TimeProvider, request, tag, response.Content.Headers.LastModified, total), plan, part.Length + plan.PieceBytes, cancellationToken);
        }

        private async Task<Attempt> JoinAsync(Pieces pieces, CancellationToken cancellationToken)
        {
            pieces.Resume();
            while (part.Length < _total)
            {
                var (bytes, end) = await pieces.NextAsync();
                if (end is Attempt.Again) await GiveUpRangesAsync();
                if (end is not null) return end;
                await part.WriteAsync(bytes, cancellationToken);
                Report();
            }

            await GiveUpRangesAsync();
            return new Attempt.Whole();
        }

        private async Task GiveUpRangesAsync()
        {
            await DisposeAsync();
            (_pieces, _single) = (null, true);
        }

        /// <summary>Ranges that are under way stay so; the one that leads up to them takes the place of the stream.</summary>
        private Attempt.Broken Break(DownloadResult.Failed failure)
        {
            _pieces?.Precede(part.Length);
            return new Attempt.Broken(failure, null);
        }

        /// <summary>Null if the bytes do not fit together although each answer was right: then once more from the beginning.</summary>
        private DownloadResult? Verify()
        {
            var (bytes, digest) = (part.Length, part.Sha256());
            if (request.Sha256 is { } wanted && digest != wanted)
            {
                if (!_continued) return Discard(Failures.Tampered(request.Url, $"its digest is {digest} and {wanted} was declared"));
                part.Restart();
                (_continued, _single) = (false, true);
                return null;
            }

            part.Finish(request.Target);
            report(new DownloadProgress(bytes, bytes, null));
            return new DownloadResult.Done(request.Target, bytes, digest);
        }

        private DownloadResult.Failed Discard(DownloadResult.Failed failure)
        {
            part.Discard();
            return failure;
        }

        private void Report()
        {
            var now = owner.TimeProvider.GetTimestamp();
            if (_reported != 0 && owner.TimeProvider.GetElapsedTime(_reported, now) < s_reportEvery) return;
            _reported = now;
            report(new DownloadProgress(Done, _total, _rate.Add(Done)));
        }

        private static TimeSpan? RetryAfter(HttpResponseMessage response) =>
            response.Headers.RetryAfter?.Delta is { } delta ? TimeSpan.FromSeconds(Math.Clamp(delta.TotalSeconds, 1, 60)) : null;
    }

    private Web Web => web;

    private TimeProvider TimeProvider => time;

    private RangePlan Ranges { get; } = ranges ?? RangePlan.Default;
}
