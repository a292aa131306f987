using System.Collections.Concurrent;

namespace Helix.EndToEnd.Harness;

/// <summary>What a crowd saw.</summary>
/// <param name="Lost">Requests that were taken, and never answered.</param>
/// <param name="Refused">Connections that were not taken.</param>
/// <param name="Failed">Answers that were no good.</param>
/// <param name="Longest">That one of the answered had to wait.</param>
internal sealed record Seen(int Answered, int Lost, int Refused, IReadOnlyCollection<string> Failed, TimeSpan Longest);

/// <summary>Clients that ask without a pause, each on a new connection every time.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _failed = new();
    private readonly Task _all;
    private volatile bool _enough;
    private int _answered;
    private int _lost;
    private int _refused;
    private long _longest;

    public Crowd(Gateway gateway, int clients, string path, string body) =>
        _all = Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(() => AskOnAsync(gateway, path, body))));

    /// <summary>Waits for so many more answers.</summary>
    public Task AnsweredAsync(int more)
    {
        var target = Volatile.Read(ref _answered) + more;
        return Eventually.TrueAsync(() => Volatile.Read(ref _answered) >= target, $"{more} more answers", () => string.Join('\n', _failed.Take(3)));
    }

    public async Task<Seen> EndAsync()
    {
        _enough = true;
        await _all;
        return new Seen(_answered, _lost, _refused, _failed, TimeSpan.FromMilliseconds(_longest));
    }

    public async ValueTask DisposeAsync() => await EndAsync();

    private async Task AskOnAsync(Gateway gateway, string path, string body)
    {
        while (!_enough)
        {
            try
            {
                var asked = TimeProvider.System.GetTimestamp();
                var reply = await gateway.PostAsync(path, body);
                var took = (long)TimeProvider.System.GetElapsedTime(asked).TotalMilliseconds;
                if (reply.Status == 200) Interlocked.Increment(ref _answered);
                else _failed.Enqueue(reply.ToString());
                for (var longest = Volatile.Read(ref _longest); took > longest && Interlocked.CompareExchange(ref _longest, took, longest) != longest;) longest = Volatile.Read(ref _longest);
            }
            catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.ConnectionError)
            {
                Interlocked.Increment(ref _refused);
            }
            catch (HttpRequestException)
            {
                Interlocked.Increment(ref _lost);
            }
        }
    }
}
