using System.Threading.Channels;
using Helix.Core.Gateway;
using Helix.Processes;

namespace Helix.Gateway;

/// <summary>What was answered, and is to be asked of a shadow as well.</summary>
/// <param name="Model">That has answered it.</param>
/// <param name="Said">What that one said; null where it cannot be compared.</param>
internal sealed record ShadowAsk(OwnRequest Request, string Model, SaidAnswer? Said);

/// <summary>What is to be asked of other models as well, for a comparison. What comes faster than it can be asked is counted and left out.</summary>
internal sealed class ShadowQueue(Aliases aliases, ShadowScores scores)
{
    private const int Most = 16;
    private const int LongestBody = 1 << 20;

    private readonly Channel<ShadowAsk> _queue = Channel.CreateBounded<ShadowAsk>(new BoundedChannelOptions(Most) { SingleReader = true });

    public ChannelReader<ShadowAsk> Asked => _queue.Reader;

    /// <summary>Chooses whether it will be asked of a shadow once it was answered, so that only such an answer has to be listened to.</summary>
    public void Begin(Exchange exchange)
    {
        if (!exchange.Route.IsUsual || exchange.IsCount || exchange.Fault is not null || aliases.ShadowOf(exchange.Facts.Model) is not { } shadow) return;
        exchange.Shadow = shadow;
        exchange.Compared = new(exchange.Facts.Stream);
    }

    /// <summary>It has ended; its body may be gone soon. What no engine was asked for is not asked of a shadow either.</summary>
    public void End(Exchange exchange)
    {
        if (exchange is not { Shadow: { } shadow, Model: { } model, IsComplete: true, Failed: false, Tries: > 0 }) return;
        // nothing is copied for a queue that is full
        if (exchange.Body.Length > LongestBody || _queue.Reader.Count >= Most || !_queue.Writer.TryWrite(AskOf(exchange, shadow, model))) scores.Add(model, shadow, ShadowEnd.Missed);
    }

    private static ShadowAsk AskOf(Exchange exchange, string shadow, string model) => new(
        new(OwnRequest.ShadowKey, exchange.Route, exchange.Body.ToArray(), exchange.Facts, shadow, RequestPriority.Low), model, exchange.Compared?.Said());
}

/// <summary>Asks them, one after the other. Nobody hears the answers: how they went stands in the accounts, and how alike they were in the scores.</summary>
internal sealed partial class ShadowLoop(ShadowQueue queue, ShadowScores scores, InferenceEndpoint inference, ILogger<ShadowLoop> log) : BackgroundLoop
{
    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        await foreach (var ask in queue.Asked.ReadAllAsync(stoppingToken))
        {
            try
            {
                if (await inference.AskByItselfAsync(ask.Request, Stream.Null, stoppingToken) is { } answer) Compare(ask, answer);
            }
            catch (Exception broken) when (broken is not OperationCanceledException)
            {
                // as the front door does: one request is lost, and no other
                LogBroken(broken, ask.Request.Model);
                scores.Add(ask.Model, ask.Request.Model, ShadowEnd.Failed);
            }
        }
    }

    private void Compare(ShadowAsk ask, OwnAnswer answer)
    {
        var (model, shadow) = (ask.Model, ask.Request.Model);
        if (answer.Provider is null) scores.Add(model, shadow, ShadowEnd.Failed);
        else if (ask.Said is { } one && answer.Said is { } other) scores.Add(model, shadow, Likeness.Of(one, other));
        else scores.Add(model, shadow, ShadowEnd.Uncompared);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A request that is asked of {Model} for a comparison broke")]
    private partial void LogBroken(Exception error, string model);
}
