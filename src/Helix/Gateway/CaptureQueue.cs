using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Helix.Core.Gateway;

namespace Helix.Gateway;

/// <summary>A request that has ended and is to be kept.</summary>
/// <param name="Asked">In OpenAI's words; null where it is too long.</param>
/// <param name="Heard">All of its answer.</param>
/// <param name="Size">Bytes that it takes in memory, about.</param>
internal sealed record CaptureDraft(RequestRecord Account, string RequestId, string Path, byte[]? Asked, AnswerText Heard, long Size);

/// <summary>Takes down what is asked and answered, while the user has that kept. What comes faster than it can be written is counted and left out.</summary>
internal sealed class CaptureQueue(CaptureShelf shelf)
{
    private const int Most = 64;
    private const int LongestBody = 1 << 20;

    /// <summary>Of all that wait, in bytes.</summary>
    private const long MostBytes = 16 << 20;

    private readonly Channel<CaptureDraft> _queue = Channel.CreateBounded<CaptureDraft>(new BoundedChannelOptions(Most) { SingleReader = true });
    private long _bytes;
    private long _missed;

    /// <summary>Requests that were left out since the daemon began.</summary>
    public long Missed => Interlocked.Read(ref _missed);

    /// <summary>Has its answer listened to, where that is wanted. Pictures and sounds are not, nor is a prompt that is only counted.</summary>
    public void Begin(Exchange exchange)
    {
        if (shelf.IsOn && exchange.Route.IsUsual && !exchange.IsCount) exchange.Heard = new(exchange.Facts.Stream);
    }

    /// <summary>It has ended; its body may be gone soon.</summary>
    public void End(Exchange exchange, in RequestRecord account)
    {
        if (exchange.Heard is not { } heard) return;
        var isShort = exchange.Body.Length <= LongestBody;
        var size = heard.Size + (isShort ? exchange.Body.Length : 0);
        if (Interlocked.Add(ref _bytes, size) <= MostBytes && _queue.Writer.TryWrite(new(account, exchange.RequestId, exchange.Route.Path, isShort ? exchange.Body.ToArray() : null, heard, size))) return;
        Interlocked.Add(ref _bytes, -size);
        Interlocked.Increment(ref _missed);
    }

    /// <summary>Until there is one to be taken.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) => await _queue.Reader.WaitToReadAsync(cancellationToken);

    public bool TryTake([NotNullWhen(true)] out CaptureDraft? draft)
    {
        if (!_queue.Reader.TryRead(out draft)) return false;
        Interlocked.Add(ref _bytes, -draft.Size);
        return true;
    }
}
