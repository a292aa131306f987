using Helix.Cli;
using Helix.Core.Live;

namespace Helix.Screen;

/// <summary>One look at the live state, for whoever does not stay: rates need a second look of the daemon, and some parts come a moment later than others.</summary>
internal static class LiveLook
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>What is not there by then is shown as it is.</summary>
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(3);

    public static async Task<Answer<LiveCopy>> TakeAsync(DaemonClient daemon, TimeProvider time, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var live = new LiveCopy();
        try
        {
            var answer = await daemon.FollowAsync("/helix/v1/live", null, either.Token);
            if (answer is Answer<HttpResponseMessage>.Refused(var refused)) return new Answer<LiveCopy>.Refused(refused);
            if (answer is not Answer<HttpResponseMessage>.Is(var response)) return new Answer<LiveCopy>.NotRunning();
            using (response)
            {
                if (!response.IsSuccessStatusCode) return new Answer<LiveCopy>.Refused(await DaemonClient.ErrorOfAsync(response, either.Token));
                using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(either.Token));
                await ReadAsync(reader, live, () => patience.CancelAfter(s_settling), either.Token);
            }
        }
        catch (Exception gone) when (gone is IOException or HttpRequestException)
        {
            // the daemon went away; what it told until then may be all that is wanted
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // it takes too long; what is there is shown
        }

        if (live.At is not null) return new Answer<LiveCopy>.Is(live);
        return new Answer<LiveCopy>.Refused(new("timeout", "helix runs, but its daemon did not tell what there is", "ask again; see logs/helix in its home"));
    }

    private static async Task ReadAsync(StreamReader reader, LiveCopy live, Action begun, CancellationToken cancellationToken)
    {
        var telling = new LiveTelling();
        while (!IsSettled(live) && await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (telling.Take(line) is not { } told) continue;
            var isFirst = live.At is null;
            live.Take(told);
            if (isFirst && live.At is not null) begun();
        }
    }

    private static bool IsSettled(LiveCopy live) =>
        new LiveValue(live.Find("traffic", "now")).Number("requests_per_second") is not null && live.Part("automations").Any();
}
