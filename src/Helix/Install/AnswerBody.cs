namespace Helix.Install;

/// <summary>Reads the body of an answer, as long as something comes.</summary>
internal sealed class AnswerBody : IDisposable
{
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(30);

    private readonly HttpResponseMessage _response;
    private readonly Uri _url;
    private readonly CancellationToken _cancelled;
    private readonly CancellationTokenSource _idle;
    private readonly CancellationTokenSource _limit;
    private Stream? _stream;

    public AnswerBody(HttpResponseMessage response, Uri url, TimeProvider time, CancellationToken cancellationToken)
    {
        (_response, _url, _cancelled) = (response, url, cancellationToken);
        _idle = new CancellationTokenSource(s_idle, time);
        _limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _idle.Token);
    }

    /// <returns>How many bytes came, 0 at the end; or why none come any more.</returns>
    public async Task<(int Bytes, DownloadResult.Failed? Failure)> ReadAsync(Memory<byte> room)
    {
        _idle.CancelAfter(s_idle);
        try
        {
            _stream ??= await _response.Content.ReadAsStreamAsync(_limit.Token);
            return (await _stream.ReadAsync(room, _limit.Token), null);
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            return (0, Failures.Broken(_url));
        }
        catch (OperationCanceledException) when (!_cancelled.IsCancellationRequested)
        {
            return (0, Failures.Stalled(_url, s_idle));
        }
    }

    public void Dispose()
    {
        _limit.Dispose();
        _idle.Dispose();
    }
}
