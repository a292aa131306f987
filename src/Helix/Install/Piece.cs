namespace Helix.Install;

/// <summary>One range of a file on its way into memory. One task fills it, and one reader takes from it what has come.</summary>
internal sealed class Piece(PieceSource source, long from, int length, byte[] room, Action moved)
{
    private Task<Attempt> _fill = Task.FromResult<Attempt>(new Attempt.Again());
    private int _filled;
    private int _taken;

    public byte[] Room => room;

    public int Waiting => Volatile.Read(ref _filled) - _taken;

    public bool IsTaken => _taken == length;

    /// <summary>Completes when nothing comes any more.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Begins, or continues where it broke off.</summary>
    public void Start(CancellationToken cancellationToken)
    {
        if (!_fill.IsCompleted || _filled == length) return;
        _fill = FillAsync(cancellationToken);
        Ended = TellAsync(_fill);
    }

    public ReadOnlyMemory<byte> Take()
    {
        var (begin, end) = (_taken, Volatile.Read(ref _filled));
        _taken = end;
        return room.AsMemory(begin..end);
    }

    /// <summary>Why nothing comes any more; null while something may.</summary>
    public async Task<Attempt?> EndAsync() => _fill.IsCompleted ? await _fill : null;

    private async Task<Attempt> FillAsync(CancellationToken cancellationToken)
    {
        var (first, last) = (from + _filled, from + length - 1);
        var answer = await source.AskAsync(first, last, cancellationToken);
        if (answer is WebAnswer.Silent(var silence, _)) return silence.Trouble == DownloadTrouble.Unreachable ? new Attempt.Broken(silence, null) : new Attempt.Again();

        var (response, url) = (WebAnswer.Answered)answer;
        using (response)
        {
            if (!source.Fits(response, first, last)) return new Attempt.Again();
            using var body = new AnswerBody(response, url, source.Time, cancellationToken);
            while (_filled < length)
            {
                var (read, failure) = await body.ReadAsync(room.AsMemory(_filled, length - _filled));
                if (failure is not null || read == 0) return new Attempt.Broken(failure ?? Failures.Broken(url), null);
                Volatile.Write(ref _filled, _filled + read);
                moved();
            }
        }

        return new Attempt.Whole();
    }

    private async Task TellAsync(Task fill)
    {
        await fill.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        moved();
    }
}
