using System.Text.Json;
using Helix.Contracts;
using Helix.Core.Gateway;
using Helix.Core.Telemetry;
using Helix.Processes;

namespace Helix.Gateway;

/// <summary>Writes down what is to be kept, redacted, and throws away what is not to be kept any more.</summary>
internal sealed partial class CaptureLoop(CaptureQueue queue, CaptureShelf shelf, TimeProvider time, ILogger<CaptureLoop> log) : BackgroundLoop
{
    private static readonly TimeSpan s_pace = TimeSpan.FromSeconds(10);

    private bool _saidLost;

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        var ready = queue.WaitAsync(stoppingToken);
        while (true)
        {
            var isEmpty = false;
            Do(() => isEmpty = shelf.Sweep());
            // where nothing is kept, nothing is to be done until something is to be
            var due = isEmpty ? ready : Task.Delay(s_pace, time, stoppingToken);
            while (await Task.WhenAny(ready, due) == ready)
            {
                await ready;
                while (queue.TryTake(out var draft)) Do(() => shelf.Keep(Redacted(draft)));
                ready = queue.WaitAsync(stoppingToken);
                if (due.IsCompleted) break;
            }

            await due;
        }
    }

    private CaptureReport Redacted(CaptureDraft draft)
    {
        var (account, asked, heard) = (draft.Account, draft.Asked is { } body ? AskedText.Of(body) : null, draft.Heard.End());
        return new(
            shelf.NextId(), account.At, draft.RequestId, account.Key, account.Provider, account.Model, draft.Path, RequestWords.Dialects[(int)account.Dialect], RequestWords.Outcomes[(int)account.Outcome], account.Status,
            asked is null ? null : JsonElement.Parse(asked.Json), heard.Text, heard.Thought, [.. heard.Calls.Select(call => new CapturedCall(call.Name, call.Arguments))], heard.Finish,
            heard.Hidden + (asked?.Hidden ?? 0), heard.IsCut || asked is null or { IsCut: true }, account.Node);
    }

    /// <summary>A disk that is full or closed, or a text that nobody thought of, costs no more than what was to be written; it is said once, until it goes well again.</summary>
    private void Do(Action change)
    {
        try
        {
            change();
            _saidLost = false;
        }
        catch (Exception lost) when (lost is not OperationCanceledException)
        {
            // what else went wrong may tell of the text itself, which no log is to have
            if (!_saidLost) LogLost(lost is IOException or UnauthorizedAccessException ? lost.Message : lost.GetType().Name);
            _saidLost = true;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What is asked and answered is not kept as gateway.capture says: {Why}")]
    private partial void LogLost(string why);
}
