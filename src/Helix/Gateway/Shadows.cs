using System.Threading.Channels;
using Helix.Core.Gateway;
using Helix.Processes;

namespace Helix.Gateway;

/// <summary>What is to be asked of other models as well, for a comparison. What comes faster than it can be asked is left out.</summary>
internal sealed class ShadowQueue
{
    private const int Most = 16;
    private const int LongestBody = 1 << 20;

    private readonly Channel<OwnRequest> _queue = Channel.CreateBounded<OwnRequest>(new BoundedChannelOptions(Most) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public ChannelReader<OwnRequest> Requests => _queue.Reader;

    public void Take(Exchange exchange, string model)
    {
        if (exchange.Body.Length <= LongestBody) _queue.Writer.TryWrite(new(OwnRequest.ShadowKey, exchange.Route, exchange.Body.ToArray(), exchange.Facts, model, RequestPriority.Low));
    }
}

/// <summary>Asks them, one after the other. Nobody hears the answers: how they went stands in the accounts.</summary>
internal sealed partial class ShadowLoop(ShadowQueue queue, InferenceEndpoint inference, ILogger<ShadowLoop> log) : BackgroundLoop
{
    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        await foreach (var request in queue.Requests.ReadAllAsync(stoppingToken))
        {
            try
            {
                await inference.AskByItselfAsync(request, Stream.Null, stoppingToken);
            }
            catch (Exception broken) when (broken is not OperationCanceledException)
            {
                // as the front door does: one request is lost, and no other
                LogBroken(broken, request.Model);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A request that is asked of {Model} for a comparison broke")]
    private partial void LogBroken(Exception error, string model);
}
