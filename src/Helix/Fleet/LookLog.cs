using Helix.Core.Fleet;

namespace Helix.Fleet;

/// <summary>When engines were looked at last.</summary>
internal sealed class LookLog(TimeProvider time)
{
    private long _last;

    /// <summary>Null for never.</summary>
    public DateTimeOffset? Last => Interlocked.Read(ref _last) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>The same prober, whose looks are noted.</summary>
    public IProber Noting(IProber prober) => new Noted(prober, this);

    private void Note() => Interlocked.Exchange(ref _last, time.GetUtcNow().UtcTicks);

    private sealed class Noted(IProber prober, LookLog log) : IProber
    {
        public async Task<Verdict> LookAsync(int pid, DateTimeOffset runsSince, CancellationToken cancellationToken)
        {
            var verdict = await prober.LookAsync(pid, runsSince, cancellationToken);
            log.Note();
            return verdict;
        }

        public void Dispose() => prober.Dispose();
    }
}
