using Helix.Cli;
using Helix.Core.Live;

namespace Helix.Screen;

/// <summary>What comes of following the live stream.</summary>
internal abstract record FeedNews
{
    private FeedNews() { }

    internal sealed record Told(LiveTold Event) : FeedNews;

    /// <summary>Nothing is heard at this moment; it is tried again.</summary>
    internal sealed record Lost(string Why) : FeedNews;
}

/// <summary>Follows the live stream of the daemon, whichever it is: whoever was away gets what came meanwhile, or everything anew.</summary>
/// <param name="takes">Takes an event; false where it made no sense, so that everything is asked for anew.</param>
internal sealed class LiveFeed(DaemonClient daemon, TimeProvider time, Func<FeedNews, CancellationToken, ValueTask<bool>> takes)
{
    private const string Address = "/helix/v1/live";

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);

    /// <summary>A daemon that lives says something every 15 seconds.</summary>
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(20);

    /// <summary>Of the last event that was taken.</summary>
    private string? _last;

    /// <summary>Goes on until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var why = await FollowAsync(cancellationToken);
            await takes(new FeedNews.Lost(why), cancellationToken);
            await Task.Delay(s_pause, time, cancellationToken);
        }
    }

    /// <returns>Why it ended.</returns>
    private async Task<string> FollowAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(s_silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var answer = await daemon.FollowAsync(Address, _last, either.Token);
            if (answer is Answer<HttpResponseMessage>.Refused(var error)) return error.Message;
            if (answer is not Answer<HttpResponseMessage>.Is(var response)) return "it is not running; start it with: helix start";
            using (response)
            {
                if (!response.IsSuccessStatusCode) return (await DaemonClient.ErrorOfAsync(response, either.Token)).Message;
                using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(either.Token));
                var telling = new LiveTelling();
                while (await reader.ReadLineAsync(either.Token) is { } line)
                {
                    patience.CancelAfter(s_silence);
                    if (telling.Take(line) is not { } told) continue;
                    if (!await takes(new FeedNews.Told(told), cancellationToken))
                    {
                        _last = null;
                        return "it told something that is not understood here; everything is asked for anew";
                    }

                    _last = told.Id ?? _last;
                }

                return "the daemon went away";
            }
        }
        catch (Exception gone) when (gone is IOException or HttpRequestException)
        {
            return "the daemon went away";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return FormattableString.Invariant($"the daemon has given no sign of life for {s_silence.TotalSeconds:0} s");
        }
    }
}
