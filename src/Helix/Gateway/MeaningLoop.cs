using System.Text;
using Helix.Core.Configuration;
using Helix.Core.Gateway;
using Helix.Core.Tuning;
using Helix.Fleet;
using Helix.Models;
using Helix.Processes;

namespace Helix.Gateway;

/// <summary>Has the vectors of texts made, of several at once where several wait: by requests like any other, which take their place among them and are accounted for.</summary>
/// <param name="library">Knows the digests of models; null where there is none.</param>
internal sealed partial class MeaningLoop(
    MeaningQueue queue, InferenceEndpoint inference, IFleetView fleet, ModelLibrary? library, Func<HelixConfig> config, TimeProvider time, ILogger<MeaningLoop> log) : BackgroundLoop
{
    private const int MostAtOnce = 16;

    /// <summary>Later the vector is no use even for those who come later.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(5);

    private bool _saidNone;

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        var batch = new List<AskedVector>(MostAtOnce);
        try
        {
            while (await queue.Asked.WaitToReadAsync(stoppingToken))
            {
                while (batch.Count < MostAtOnce && queue.Asked.TryRead(out var one)) batch.Add(one);
                await TellAsync(batch, stoppingToken);
                batch.Clear();
            }
        }
        finally
        {
            queue.Close();
            while (queue.Asked.TryRead(out var left)) left.Told.TrySetResult(null);
        }
    }

    private async Task TellAsync(List<AskedVector> batch, CancellationToken stoppingToken)
    {
        try
        {
            await MakeAsync(batch, stoppingToken);
        }
        catch (Exception broken) when (broken is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
        {
            // as the front door does: these are lost, and no others
            LogBroken(broken);
        }
        finally
        {
            foreach (var one in batch) one.Told.TrySetResult(null);
        }
    }

    private async Task MakeAsync(List<AskedVector> batch, CancellationToken stoppingToken)
    {
        var named = config().Performance.SemanticCacheModel;
        var choice = MeaningModel.Choose(fleet.Current, named);
        if (choice is null && !_saidNone) LogNone(named is null ? "no model that makes nothing but embeddings is ready on this machine" : $"{named} is no model that makes embeddings here");
        _saidNone = choice is null;
        // it is there for those who come later; nobody waits for it
        if (choice is ModelChoice.Wait(var asleep, _, var at)) fleet.Want(asleep.Id, at);
        if (choice is not ModelChoice.Send(var model, var provider)) return;

        // at its worst, a token is half of what it usually is
        AskedVector[] fit = [.. batch.Where(one => model.ContextTokens <= 0 || Encoding.UTF8.GetByteCount(one.Text) <= RequestShape.BytesPerToken / 2 * (long)model.ContextTokens)];
        if (fit.Length == 0) return;
        var name = provider is null ? model.Id : $"{provider}/{model.Id}";
        var body = TextVectors.Ask(name, [.. fit.Select(one => one.Text)]);
        if (BodyPeek.Look(body) is not BodyLook.Good(var facts)) return;

        using var late = new CancellationTokenSource(s_longest, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, late.Token);
        using var heard = new MemoryStream();
        var request = new OwnRequest(OwnRequest.CacheKey, InferenceRoute.Embeddings, body, facts, name, RequestPriority.Normal);
        if (await inference.AskByItselfAsync(request, heard, over.Token) is not { Provider: { } by }) return;
        if (TextVectors.Read(heard.GetBuffer().AsMemory(0, (int)heard.Length), fit.Length) is not { } units) return;
        var mark = ModelMark.Of(model, by, library);
        for (var number = 0; number < fit.Length; number++) fit[number].Told.TrySetResult(new(units[number], mark));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A request for the meaning of questions broke")]
    private partial void LogBroken(Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Questions are not compared by meaning: {Why}")]
    private partial void LogNone(string why);
}
